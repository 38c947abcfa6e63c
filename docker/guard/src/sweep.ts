/** What to remove: tasks that ran too long, never began, ended unattended, or belong to nobody. */
import type { Engine, Listed } from "./engine.ts";
import { LABELS } from "./host_config.ts";
import type { Log } from "./log.ts";
import type { Policy, TaskPolicy } from "./policy.ts";

/** A task gets this long after its own time limit to end by itself. */
export const GRACE_SECONDS = 10;

/** A container that ended, or was created and never started, is kept this long for its service. */
export const IDLE_SECONDS = 60;

export interface Removal {
  readonly container: Listed;
  readonly reason: string;
}

/** When each ended container was first seen so, in seconds since 1970, by id. */
export type EndedSince = ReadonlyMap<string, number>;

const ENDED: readonly string[] = ["exited", "dead"];

function policyOf(container: Listed, policy: Policy): TaskPolicy | undefined {
  const service = policy.services.get(container.Labels[LABELS.service] ?? "");
  return service?.tasks.get(container.Labels[LABELS.task] ?? "");
}

function reasonToRemove(
  container: Listed,
  task: TaskPolicy | undefined,
  ended: number | undefined,
  now: number,
): string | undefined {
  if (task === undefined) return "its task is not in the policy";
  if (ended !== undefined)
    return now - ended >= IDLE_SECONDS ? `ended ${IDLE_SECONDS} s ago and not removed` : undefined;
  const age = now - container.Created;
  const limit = task.timeoutSeconds + GRACE_SECONDS;
  if (age >= limit) return `older than its time limit of ${task.timeoutSeconds} s plus ${GRACE_SECONDS} s`;
  if (container.State === "created" && age >= IDLE_SECONDS) return `created ${IDLE_SECONDS} s ago and not started`;
  return undefined;
}

/** Notes which containers have ended; forgets those that are gone. */
export function endedSince(containers: readonly Listed[], before: EndedSince, now: number): EndedSince {
  const ended = containers.filter((container) => ENDED.includes(container.State));
  return new Map(ended.map(({ Id }) => [Id, before.get(Id) ?? now]));
}

/** Decides, without any effect, what to remove at the time `now` (seconds since 1970). */
export function planSweep(
  containers: readonly Listed[],
  policy: Policy,
  ended: EndedSince,
  now: number,
): readonly Removal[] {
  return containers.flatMap((container) => {
    const reason = reasonToRemove(container, policyOf(container, policy), ended.get(container.Id), now);
    return reason === undefined ? [] : [{ container, reason }];
  });
}

export class Sweeper {
  private ended: EndedSince = new Map();

  constructor(
    private readonly engine: Engine,
    private readonly policy: Policy,
    private readonly log: Log,
  ) {}

  /** One round of the sweep. Returns the ids of all task containers that were there. */
  async sweep(now: number): Promise<readonly string[]> {
    const containers = await this.engine.tasksOf(this.policy.project);
    this.ended = endedSince(containers, this.ended, now);
    await this.removeAll(planSweep(containers, this.policy, this.ended, now));
    return containers.map(({ Id }) => Id);
  }

  /** Removes every task of the project: at the start and the end of the guard nobody waits for them. */
  async clear(reason: string): Promise<void> {
    const containers = await this.engine.tasksOf(this.policy.project);
    await this.removeAll(containers.map((container) => ({ container, reason })));
  }

  private async removeAll(removals: readonly Removal[]): Promise<void> {
    await Promise.all(removals.map((removal) => this.remove(removal)));
  }

  private async remove({ container, reason }: Removal): Promise<void> {
    const fields = {
      client: container.Labels[LABELS.service],
      task: container.Labels[LABELS.task],
      job: container.Labels[LABELS.job],
      container: container.Id.slice(0, 12),
      reason,
    };
    try {
      await this.engine.remove(container.Id);
      this.log("warn", "swept", fields);
    } catch (error) {
      this.log("error", "not swept, tried again in the next round", { ...fields, error: String(error) });
    }
  }
}
