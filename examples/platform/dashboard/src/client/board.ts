/** All jobs that the page knows: the figures and the list of cards, or the empty state. */
import type { JobSummary } from "../job.ts";
import { createCard, updateCard, updateTimes } from "./card.ts";
import { byId, setText } from "./dom.ts";
import { duration, figures } from "./format.ts";

interface Entry {
  job: JobSummary;
  readonly card: HTMLLIElement;
}

export class Board {
  readonly #entries = new Map<string, Entry>();
  readonly #list = byId("cards", HTMLUListElement);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  get(id: string): JobSummary | undefined {
    return this.#entries.get(id)?.job;
  }

  /** Makes these all the jobs there are; cards that stay are kept, with the focus they may have. */
  replace(jobs: readonly JobSummary[]): void {
    const ids = new Set(jobs.map((job) => job.id));
    this.change(jobs, [...this.#entries.keys()].filter((id) => !ids.has(id)));
  }

  change(jobs: readonly JobSummary[], removed: readonly string[]): void {
    for (const id of removed) {
      this.#entries.get(id)?.card.remove();
      this.#entries.delete(id);
    }
    for (const job of jobs) this.#put(job);
    this.#arrange();
    this.#summarize();
  }

  tick(): void {
    const now = this.#now();
    for (const { card, job } of this.#entries.values()) updateTimes(card, job, now);
  }

  #put(job: JobSummary): void {
    const entry = this.#entries.get(job.id);
    if (entry === undefined) {
      this.#entries.set(job.id, { job, card: createCard(job, this.#now()) });
    } else {
      entry.job = job;
      updateCard(entry.card, job, this.#now());
    }
  }

  /** Newest first; moves no card that is in its place already. */
  #arrange(): void {
    const entries = [...this.#entries.values()];
    entries.sort((a, b) => b.job.createdAt - a.job.createdAt || (a.job.id < b.job.id ? 1 : -1));
    entries.forEach(({ card }, index) => {
      const current = this.#list.children[index];
      if (current !== card) this.#list.insertBefore(card, current ?? null);
    });
  }

  #summarize(): void {
    const jobs = [...this.#entries.values()].map((entry) => entry.job);
    const { counts, median } = figures(jobs);
    for (const [status, count] of Object.entries(counts)) {
      setText(byId(`figure-${status}`, HTMLElement), String(count));
    }
    setText(byId("figure-median", HTMLElement), median === null ? "–" : duration(median));
    setText(byId("jobs-count", HTMLElement), jobs.length === 0 ? "" : `${jobs.length} shown`);
    byId("empty", HTMLElement).hidden = jobs.length > 0;
  }
}
