/** Seats: how many containers of a task exist at once, counted without a race. */
import type { Engine, Listed } from "./engine.ts";
import { LABELS } from "./host_config.ts";
import type { ServicePolicy, TaskPolicy } from "./policy.ts";
import { Refusal } from "./refusal.ts";

const ACTIVE: readonly string[] = ["created", "running", "paused", "restarting"];

/** Ended containers that may wait for their removal, per seat: their logs take up disk space. */
const ENDED_PER_SEAT = 2;

/** @throws Refusal (429) when no seat is free. Containers still being created count by their names. */
export function checkSeat(task: TaskPolicy, listed: readonly Listed[], creating: ReadonlySet<string>): void {
  const active = listed
    .filter((one) => ACTIVE.includes(one.State))
    .flatMap((one) => one.Names.map((name) => name.slice(1)));
  const taken = new Set([...active, ...creating]).size;
  if (taken >= task.atOnce) {
    throw new Refusal(429, `${taken} containers of task ${task.name} exist; allowed at once: ${task.atOnce}`);
  }
  const ended = listed.filter((one) => !ACTIVE.includes(one.State)).length;
  const allowed = ENDED_PER_SEAT * task.atOnce;
  if (ended >= allowed) {
    throw new Refusal(429, `${ended} ended containers of task ${task.name} were not removed; allowed: ${allowed}`);
  }
}

/** The seats of one task of one service. */
export class Seats {
  private readonly creating = new Set<string>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly engine: Engine,
    private readonly service: ServicePolicy,
    private readonly task: TaskPolicy,
  ) {}

  /**
   * Takes a seat under the container's name, or throws a Refusal (429). One after the other: between the Engine's
   * list and the new name nobody else may decide. A container is in the list, in `creating`, or in both.
   */
  take(name: string): Promise<void> {
    const turn = this.queue.then(() => this.decide(name));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** To be called when the container is created (the Engine lists it from then on) or could not be. */
  settle(name: string): void {
    this.creating.delete(name);
  }

  private async decide(name: string): Promise<void> {
    // Noted before the list is asked for: one that settles meanwhile may be missing from the list.
    const before = new Set(this.creating);
    const listed = await this.engine.list({
      all: true,
      labels: [
        `${LABELS.project}=${this.service.project}`,
        `${LABELS.service}=${this.service.name}`,
        `${LABELS.task}=${this.task.name}`,
      ],
    });
    checkSeat(this.task, listed, before);
    this.creating.add(name);
  }
}
