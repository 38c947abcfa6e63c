/** A job as the API answers it, checked once at the border: everything behind it may trust these types. */
import { JOB_STATUSES, type JobStatus } from "@platform/shared/job";

/** What the list needs of a job. Times are milliseconds since the epoch, durations milliseconds. */
export interface JobSummary {
  readonly id: string;
  readonly url: string;
  readonly status: JobStatus;
  readonly title: string | null;
  readonly error: string | null;
  readonly hasScreenshot: boolean;
  readonly attempts: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly milliseconds: number | null;
}

/** A job with what only its detail view shows. */
export interface Job extends JobSummary {
  readonly text: string | null;
  /** After redirects. */
  readonly finalUrl: string | null;
  /** Of the page's HTTP response. */
  readonly httpStatus: number | null;
}

// Titles and texts come from the pages that were fetched: nothing says how long they are.
const LIMITS = { url: 2_048, title: 300, error: 2_000, text: 200_000 } as const;

/** The API's answer is not what its contract says; the message names the field. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** @throws MalformedAnswer if `value` is not a job. */
export function parseJob(value: unknown): Job {
  const fields = record(value, "job");
  return {
    ...parseSummary(fields),
    text: optional(fields, "text", cut(LIMITS.text)),
    finalUrl: optional(fields, "finalUrl", cut(LIMITS.url)),
    httpStatus: optional(fields, "httpStatus", number),
  };
}

/** @throws MalformedAnswer if `value` is not a job; its text, if any, is left out. */
export function parseSummary(value: unknown): JobSummary {
  const fields = record(value, "job");
  return {
    id: string(fields.id, "id"),
    url: cut(LIMITS.url)(fields.url, "url"),
    status: status(fields.status),
    title: optional(fields, "title", cut(LIMITS.title)),
    error: optional(fields, "error", cut(LIMITS.error)),
    hasScreenshot: fields.hasScreenshot === true,
    attempts: number(fields.attempts, "attempts"),
    createdAt: time(fields.createdAt, "createdAt"),
    startedAt: optional(fields, "startedAt", time),
    finishedAt: optional(fields, "finishedAt", time),
    milliseconds: optional(fields, "milliseconds", number),
  };
}

/** @throws MalformedAnswer if `value` is not an object. */
export function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedAnswer(`${name} is not an object`);
  }
  return value as Record<string, unknown>;
}

function optional<T>(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  parse: (value: unknown, name: string) => T,
): T | null {
  const value = fields[name];
  return value === null || value === undefined ? null : parse(value, name);
}

function string(value: unknown, name: string): string {
  if (typeof value !== "string") throw new MalformedAnswer(`${name} is not a string`);
  return value;
}

function cut(limit: number): (value: unknown, name: string) => string {
  return (value, name) => {
    const text = string(value, name);
    return text.length > limit ? `${text.slice(0, limit)}…` : text;
  };
}

function number(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new MalformedAnswer(`${name} is not a number`);
  }
  return value;
}

function time(value: unknown, name: string): number {
  const milliseconds = Date.parse(string(value, name));
  if (Number.isNaN(milliseconds)) throw new MalformedAnswer(`${name} is not a time`);
  return milliseconds;
}

function status(value: unknown): JobStatus {
  const known = JOB_STATUSES.find((candidate) => candidate === value);
  if (known === undefined) throw new MalformedAnswer(`status is not one of ${JOB_STATUSES.join(", ")}`);
  return known;
}
