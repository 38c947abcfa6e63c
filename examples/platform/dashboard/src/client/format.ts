/** How figures, times and addresses read. Pure; times in milliseconds since the epoch, durations in milliseconds. */
import type { JobStatus } from "@platform/shared/job";
import type { JobSummary } from "../job.ts";

export const STATUS_NAMES: Readonly<Record<JobStatus, string>> = {
  queued: "Queued",
  active: "Active",
  done: "Done",
  failed: "Failed",
};

/** `840 ms`, `1.24 s`, `12.4 s`, `2 min 5 s`, `3 h 12 min` */
export function duration(milliseconds: number): string {
  const value = Math.max(0, Math.round(milliseconds));
  if (value < 1_000) return `${value} ms`;
  if (value < 9_995) return `${(value / 1_000).toFixed(2)} s`;
  if (value < 59_950) return `${(value / 1_000).toFixed(1)} s`;
  const seconds = Math.round(value / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whole seconds, for a duration that is still growing. */
export function elapsed(milliseconds: number): string {
  const value = Math.max(0, Math.floor(milliseconds / 1_000));
  return value < 60 ? `${value} s` : duration(value * 1_000);
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 d ago` */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1_000);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `2026-11-23 15:42:11`, in the reader's time zone */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The address in two parts, the host to be read first. What is no http address is shown as it is. */
export function splitUrl(text: string): { host: string; path: string } {
  const url = URL.parse(text);
  if (url === null || !isHttp(url)) return { host: text, path: "" };
  const path = `${url.pathname}${url.search}${url.hash}`;
  return { host: url.host.replace(/^www\./, ""), path: path === "/" ? "" : path };
}

/** The line under the title: without the host where that is the title already. */
export function addressOf(job: JobSummary): { host: string; path: string } {
  const { host, path } = splitUrl(job.url);
  return titleOf(job) === host ? { host: "", path: path || "/" } : { host, path };
}

/** The address as a link's target, or null where following it could run something (javascript:, data:, …). */
export function safeHref(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && isHttp(url) ? url.href : null;
}

/** What an engineer means by typing `example.com`. */
export function completeUrl(typed: string): string {
  const text = typed.trim();
  return text === "" || text.includes("://") ? text : `https://${text}`;
}

export function titleOf(job: JobSummary): string {
  return job.title?.trim() || splitUrl(job.url).host;
}

/** How long the fetch took, or has taken so far; null while it waits, for the first time or for another. */
export function durationOf(job: JobSummary, now: number): string | null {
  if (job.milliseconds !== null) return duration(job.milliseconds);
  if (job.startedAt === null || job.status === "queued") return null;
  return job.finishedAt === null ? elapsed(now - job.startedAt) : duration(job.finishedAt - job.startedAt);
}

/** What stands where there is no screenshot. */
export function noteOf(job: JobSummary): string {
  if (job.status === "active") return "Fetching the page";
  if (job.status === "done") return "No screenshot";
  if (job.status === "failed") return job.error ?? "Failed";
  return job.error === null ? "Waiting for a worker" : `Waiting for another try: ${job.error}`;
}

/** An error as a sentence; the API's begin in lower case, often with the name of the field. */
export function sentence(text: string): string {
  const named = text.replace(/^url\b/, "the URL");
  const ended = /[.!?…]$/.test(named) ? named : `${named}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

export interface Figures {
  readonly counts: Readonly<Record<JobStatus, number>>;
  /** Of the jobs that are done; null if there is none. */
  readonly median: number | null;
}

export function figures(jobs: readonly JobSummary[]): Figures {
  const counts = { queued: 0, active: 0, done: 0, failed: 0 };
  const durations: number[] = [];
  for (const job of jobs) {
    counts[job.status] += 1;
    if (job.status === "done" && job.milliseconds !== null) durations.push(job.milliseconds);
  }
  return { counts, median: median(durations) };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[sorted.length >> 1];
  const low = sorted[(sorted.length - 1) >> 1];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}
