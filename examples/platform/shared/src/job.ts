/** A job: one page to fetch. The database is the truth about it; the queue only delivers. */
import type { Row } from "@libsql/client/http";

export const JOB_STATUSES = ["queued", "active", "done", "failed"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** As the API answers it. Times are ISO 8601 in UTC. */
export interface Job {
  readonly id: string;
  readonly url: string;
  readonly status: JobStatus;
  readonly title: string | null;
  readonly text: string | null;
  /** Why it failed, or why the last attempt did. */
  readonly error: string | null;
  readonly hasScreenshot: boolean;
  /** Starts so far, or of the last round if it was queued anew. */
  readonly attempts: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** What the fetch took, from its start to the screenshot. */
  readonly milliseconds: number | null;
  /** After redirects. */
  readonly finalUrl: string | null;
  /** Of the page's HTTP response. */
  readonly httpStatus: number | null;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUIDv7: ids sort by the time of their creation. */
export function newJobId(): string {
  return Bun.randomUUIDv7();
}

export function isJobId(text: string): boolean {
  return ID.test(text);
}

/** A row of the columns in job_store.ts. */
export function jobFromRow(row: Row): Job {
  return {
    id: String(row.id),
    url: String(row.url),
    status: statusFrom(row.status),
    title: textOrNull(row.title),
    text: textOrNull(row.text),
    error: textOrNull(row.error),
    hasScreenshot: Number(row.has_screenshot) === 1,
    attempts: Number(row.attempts),
    createdAt: String(row.created_at),
    startedAt: textOrNull(row.started_at),
    finishedAt: textOrNull(row.finished_at),
    milliseconds: numberOrNull(row.milliseconds),
    finalUrl: textOrNull(row.final_url),
    httpStatus: numberOrNull(row.http_status),
  };
}

/** @throws Error: the schema allows no other */
export function statusFrom(value: unknown): JobStatus {
  const status = JOB_STATUSES.find((candidate) => candidate === value);
  if (status === undefined) throw new Error(`unknown job status ${JSON.stringify(value)}`);
  return status;
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
