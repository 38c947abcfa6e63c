/** The dialog with everything about one job. The address says which (`#job-<id>`), so it can be linked to. */
import type { Job, JobSummary } from "../job.ts";
import { setBadge, setScreenshot } from "./card.ts";
import { byId, field, setText, setTime } from "./dom.ts";
import { clock, duration, durationOf, elapsed, noteOf, safeHref, titleOf } from "./format.ts";
import { request } from "./session.ts";

const PREFIX = "#job-";

export class Detail {
  readonly #dialog = byId("detail", HTMLDialogElement);
  readonly #known: (id: string) => JobSummary | undefined;
  readonly #now: () => number;
  #job: JobSummary | undefined;
  #request = new AbortController();

  constructor(known: (id: string) => JobSummary | undefined, now: () => number) {
    this.#known = known;
    this.#now = now;
    const dialog = this.#dialog;
    field(dialog, "close", HTMLButtonElement).addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => this.#leave());
    addEventListener("hashchange", () => this.follow());
  }

  /** Shows the job that the address names; closes if it names none. */
  follow(): void {
    if (!location.hash.startsWith(PREFIX)) return this.#dialog.close();
    const id = location.hash.slice(PREFIX.length);
    if (this.#job?.id !== id) this.#showPage(null);
    const job = this.#known(id);
    if (job !== undefined) this.#show(job);
    void this.#load(id);
  }

  /** Takes over what changed in the job that is shown. */
  refresh(): void {
    const next = this.#job && this.#known(this.#job.id);
    if (!this.#dialog.open || next === undefined || next === this.#job) return;
    this.#show(next);
    void this.#load(next.id);
  }

  tick(): void {
    if (this.#dialog.open && this.#job !== undefined) this.#showTimes(this.#job);
  }

  async #load(id: string): Promise<void> {
    this.#request.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const response = await request(`/jobs/${encodeURIComponent(id)}`, { signal }).catch(() => null);
    const job = response?.ok ? ((await response.json().catch(() => null)) as Job | null) : null;
    if (signal.aborted) return;
    if (job !== null) {
      this.#show(job);
      this.#showPage(job);
    } else if (!this.#dialog.open) {
      this.#leave();
    }
  }

  #show(job: JobSummary): void {
    const dialog = this.#dialog;
    this.#job = job;
    setBadge(dialog, job);
    setScreenshot(dialog, job, `Screenshot of ${titleOf(job)}`);
    setText(field(dialog, "note", HTMLElement), job.error === null ? noteOf(job) : "No screenshot");
    setText(field(dialog, "title", HTMLElement), titleOf(job));
    setText(field(dialog, "url", HTMLElement), job.url);
    setText(field(dialog, "error", HTMLElement), job.error ?? "");
    setText(field(dialog, "attempts", HTMLElement), String(job.attempts));
    setText(field(dialog, "id", HTMLElement), job.id);
    this.#showLink(job.url);
    this.#showTimes(job);
    if (!dialog.open) dialog.showModal();
  }

  #showLink(url: string): void {
    const link = field(this.#dialog, "link", HTMLAnchorElement);
    const href = safeHref(url);
    if (href === null) link.removeAttribute("href");
    else link.href = href;
  }

  #showTimes(job: JobSummary): void {
    const now = this.#now();
    const dialog = this.#dialog;
    const started = job.status === "queued" ? null : job.startedAt;
    const waited = (started ?? now) - job.createdAt;
    const ran = started === null ? 0 : (job.finishedAt ?? now) - started;
    setTime(field(dialog, "created", HTMLTimeElement), clock(job.createdAt), job.createdAt);
    const finished = job.finishedAt === null ? "–" : clock(job.finishedAt);
    setTime(field(dialog, "finished", HTMLTimeElement), finished, job.finishedAt);
    setText(field(dialog, "waited", HTMLElement), started === null ? elapsed(waited) : duration(waited));
    setText(field(dialog, "duration", HTMLElement), durationOf(job, now) ?? "–");
    field(dialog, "track-wait", HTMLElement).style.flexGrow = String(Math.max(0, waited));
    field(dialog, "track-run", HTMLElement).style.flexGrow = String(Math.max(0, ran));
  }

  /** What only the job itself has, not the list: known a moment later. */
  #showPage(job: Job | null): void {
    const rows = {
      text: job?.text ?? "",
      "http-status": job?.httpStatus?.toString() ?? "",
      "final-url": job === null || job.finalUrl === job.url ? "" : (job.finalUrl ?? ""),
    };
    for (const [name, text] of Object.entries(rows)) {
      const element = field(this.#dialog, name, HTMLElement);
      setText(element, text);
      if (element.parentElement !== null) element.parentElement.hidden = text === "";
    }
  }

  #leave(): void {
    this.#request.abort();
    this.#job = undefined;
    if (location.hash.startsWith(PREFIX)) history.replaceState(null, "", location.pathname + location.search);
  }
}
