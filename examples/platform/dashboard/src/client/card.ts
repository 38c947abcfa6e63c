/** One job in the list. */
import type { JobSummary } from "../job.ts";
import { cloneTemplate, field, setText, setTime } from "./dom.ts";
import { addressOf, ago, durationOf, elapsed, noteOf, STATUS_NAMES, titleOf } from "./format.ts";
import { request } from "./session.ts";

export function createCard(job: JobSummary, now: number): HTMLLIElement {
  const card = cloneTemplate("card", HTMLLIElement);
  field(card, "title", HTMLAnchorElement).href = `#job-${job.id}`;
  updateCard(card, job, now);
  return card;
}

export function updateCard(card: HTMLLIElement, job: JobSummary, now: number): void {
  const { host, path } = addressOf(job);
  setText(field(card, "title", HTMLAnchorElement), titleOf(job));
  setText(field(card, "host", HTMLElement), host);
  setText(field(card, "path", HTMLElement), path);
  setText(field(card, "attempts", HTMLElement), job.attempts > 1 ? `${job.attempts} tries` : "");
  setBadge(card, job);
  setScreenshot(card, job, "");
  setText(field(card, "note", HTMLElement), noteOf(job));
  updateTimes(card, job, now);
}

/** What changes by the passing of time alone. */
export function updateTimes(card: HTMLLIElement, job: JobSummary, now: number): void {
  const waiting = job.status === "queued" ? elapsed(now - job.createdAt) : "";
  setText(field(card, "duration", HTMLElement), durationOf(job, now) ?? waiting);
  const finished = job.finishedAt === null ? "" : ago(job.finishedAt, now);
  setTime(field(card, "time", HTMLTimeElement), finished, job.finishedAt);
}

export function setBadge(root: HTMLElement, job: JobSummary): void {
  root.dataset.status = job.status;
  setText(field(root, "status", HTMLElement), STATUS_NAMES[job.status]);
  root.querySelector(".badge use")?.setAttribute("href", `#icon-${job.status}`);
}

/** Shows the screenshot if the job has one; `alt` is empty where the title stands beside it. */
export function setScreenshot(root: HTMLElement, job: JobSummary, alt: string): void {
  const image = field(root, "image", HTMLImageElement);
  image.alt = alt;
  const source = job.hasScreenshot ? `/jobs/${encodeURIComponent(job.id)}/screenshot` : null;
  // Once for each source, so that an image that could not be loaded stays hidden.
  if (image.getAttribute("src") === source) return;
  image.hidden = source === null;
  image.onerror = () => {
    image.hidden = true;
    image.onerror = null;
    if (source !== null) void showAgain(image, source);
  };
  if (source === null) image.removeAttribute("src");
  else image.src = source;
}

/** It may be the session that had ended: what was answered, an image does not tell. */
async function showAgain(image: HTMLImageElement, source: string): Promise<void> {
  const response = await request(source).catch(() => null);
  // Read to its end, so that the browser keeps it.
  await response?.blob().catch(() => null);
  if (!response?.ok || image.getAttribute("src") !== source) return;
  image.src = source;
  image.hidden = false;
}
