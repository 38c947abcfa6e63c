/** Carries out what was decided for one service, and writes the answers. */
import { randomBytes } from "node:crypto";
import type { Action, Decision } from "./decide.ts";
import { EngineError, type CallOptions, type Engine, type Inspected, type Listed } from "./engine.ts";
import { LABELS, containerConfig, containerName, type Wish } from "./host_config.ts";
import type { Fields } from "./log.ts";
import type { ServicePolicy } from "./policy.ts";
import { Refusal, quoted } from "./refusal.ts";
import { Seats } from "./seats.ts";

/** An answer, and what the log says about it beside the request. */
export interface Outcome {
  readonly response: Response;
  readonly fields: Fields;
  /** The body to send with the response as it comes, for logs. */
  readonly stream?: ReadableStream<Uint8Array>;
}

type ContainerDecision = Extract<Decision, { kind: "container" }>;

const METHODS: Readonly<Record<Action, string>> = {
  start: "POST",
  wait: "POST",
  kill: "POST",
  stop: "POST",
  logs: "GET",
  remove: "DELETE",
};

const STOP_MARGIN_MS = 30_000;

function answer(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}

function describe(container: Inspected): Fields {
  const labels = container.Config.Labels ?? {};
  return { container: container.Id.slice(0, 12), task: labels[LABELS.task], job: labels[LABELS.job] };
}

/** A listed container as its service sees it: the image is the task, other labels than the guard's are left out. */
function listedAnswer(container: Listed): Record<string, unknown> {
  const { Id, Names, Command, Created, State, Status } = container;
  const known = Object.values(LABELS).flatMap((label) => {
    const value = container.Labels[label];
    return value === undefined ? [] : [[label, value]];
  });
  return {
    Id,
    Names,
    Image: container.Labels[LABELS.task],
    Command,
    Created,
    State,
    Status,
    Labels: Object.fromEntries(known),
  };
}

/** The Engine's answer, written anew. */
async function forwarded(action: Action, response: Response): Promise<Omit<Outcome, "fields">> {
  if (action === "wait") return { response: answer(await response.json()) };
  if (action !== "logs") return { response: new Response(null, { status: response.status }) };
  const type = response.headers.get("Content-Type") ?? "application/vnd.docker.raw-stream";
  const head = new Response(null, { headers: { "Content-Type": type } });
  return { response: head, ...(response.body === null ? {} : { stream: response.body }) };
}

export class Performer {
  private readonly seats: ReadonlyMap<string, Seats>;
  /** Containers that were started: each is started once, or ended ones could be started beyond the seats. */
  private started = new Set<string>();

  constructor(
    private readonly engine: Engine,
    private readonly service: ServicePolicy,
  ) {
    this.seats = new Map([...service.tasks].map(([name, task]) => [name, new Seats(engine, service, task)]));
  }

  /** @throws Refusal, EngineDown, EngineError */
  async perform(decision: Exclude<Decision, { kind: "refuse" }>, signal: AbortSignal): Promise<Outcome> {
    switch (decision.kind) {
      case "ping":
        return { response: await this.ping(), fields: {} };
      case "version":
        return { response: await this.version(), fields: {} };
      case "create":
        return this.create(decision.wish, signal);
      case "list":
        return { response: await this.list(decision), fields: {} };
      case "container":
        return this.onContainer(decision, signal);
    }
  }

  /** Forgets started containers that are no longer there. */
  keepStarted(present: readonly string[]): void {
    this.started = this.started.intersection(new Set(present));
  }

  private async ping(): Promise<Response> {
    await this.engine.ping(5_000);
    const headers = { "Content-Type": "text/plain; charset=utf-8", "Api-Version": "1.45", OSType: "linux" };
    return new Response("OK", { headers });
  }

  private async version(): Promise<Response> {
    const { Version, Os, Arch } = await this.engine.version();
    return answer({ Version, ApiVersion: "1.45", MinAPIVersion: "1.24", Os, Arch });
  }

  private async create(wish: Wish, signal: AbortSignal): Promise<Outcome> {
    const task = this.service.tasks.get(wish.task);
    const seats = this.seats.get(wish.task);
    if (task === undefined || seats === undefined) throw new Error(`no task ${wish.task}`);
    const name = containerName(this.service, wish.task, randomBytes(6).toString("hex"));
    await seats.take(name);
    try {
      const { Id } = await this.engine.create(name, containerConfig(this.service, task, wish));
      // Nobody would start or remove it.
      if (signal.aborted) await this.engine.remove(Id);
      const fields = { container: Id.slice(0, 12), task: wish.task, job: wish.job };
      return { response: answer({ Id, Warnings: [] }, 201), fields };
    } finally {
      seats.settle(name);
    }
  }

  private async list(decision: Extract<Decision, { kind: "list" }>): Promise<Response> {
    const own = [`${LABELS.project}=${this.service.project}`, `${LABELS.service}=${this.service.name}`, LABELS.task];
    const labels = [...own, ...decision.labels];
    const listed = await this.engine.list({ all: decision.all, labels, statuses: decision.statuses });
    return answer(listed.map(listedAnswer));
  }

  /** The container, if this guard created it for this service; another's is answered like one that is not there. */
  private async own(id: string): Promise<Inspected> {
    const container = await this.engine.inspect(id).catch((error: unknown) => {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    });
    const labels = container?.Config.Labels ?? {};
    const own =
      labels[LABELS.project] === this.service.project &&
      labels[LABELS.service] === this.service.name &&
      labels[LABELS.task] !== undefined;
    if (container !== undefined && own) return container;
    throw new Refusal(
      404,
      `no container ${quoted(id)} of service ${this.service.name}; allowed: those that it created here`,
    );
  }

  private async onContainer(decision: ContainerDecision, signal: AbortSignal): Promise<Outcome> {
    const container = await this.own(decision.id);
    const fields = describe(container);
    if (decision.action === "start") return { response: await this.start(container), fields };
    const { action, query } = decision;
    // From here on the full id, whatever a name or a short id may mean a moment later.
    const path = action === "remove" ? `/containers/${container.Id}` : `/containers/${container.Id}/${action}`;
    const response = await this.engine.call(METHODS[action], path, this.options(decision, signal));
    return { ...(await forwarded(action, response)), fields: { ...fields, ...query } };
  }

  private options(decision: ContainerDecision, signal: AbortSignal): CallOptions {
    const { action, query } = decision;
    switch (action) {
      case "wait":
      case "logs":
        return { query, signal, timeoutMs: null };
      case "stop":
        return { query, timeoutMs: Number(query.t ?? 10) * 1000 + STOP_MARGIN_MS };
      default:
        return { query };
    }
  }

  private async start(container: Inspected): Promise<Response> {
    const { Id, State } = container;
    if (State.Status === "running" || (State.Status === "created" && this.started.has(Id))) {
      return new Response(null, { status: 304 });
    }
    if (State.Status !== "created") {
      throw new Refusal(
        403,
        `container ${Id.slice(0, 12)} is ${State.Status}; allowed: one start of a created container`,
      );
    }
    this.started.add(Id);
    try {
      await this.engine.call("POST", `/containers/${Id}/start`);
    } catch (error) {
      this.started.delete(Id);
      throw error;
    }
    return new Response(null, { status: 204 });
  }
}
