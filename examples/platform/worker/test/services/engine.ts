/**
 * A stand-in for the Docker API behind the guard: it answers what dockerode asks for a task, and a task is a function of
 * the test. It keeps account of what ran and what was left behind.
 */
import type { Server } from "bun";

export interface Task {
  readonly job: string;
  readonly url: string;
  /** Aborted when the container is killed or removed. */
  readonly signal: AbortSignal;
}

export interface TaskEnd {
  readonly stdout: string;
  readonly stderr?: string;
  readonly exitCode: number;
}

export type Run = (task: Task) => Promise<TaskEnd>;

interface Container {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly abort: AbortController;
  end: Promise<TaskEnd> | undefined;
}

const OWNER = "bunops.platform.owner";
const JOB = "bunops.platform.job";
const KILLED: TaskEnd = { stdout: "", exitCode: 137 };

export class Engine {
  /** Job ids, once for each start. */
  readonly started: string[] = [];
  /** How many containers may be there at once; more are refused with 429. */
  room = Infinity;
  mostAtOnce = 0;
  run: Run;
  readonly #socket: string;
  readonly #containers = new Map<string, Container>();
  #server: Server<undefined> | undefined;
  #count = 0;

  constructor(socket: string, run: Run) {
    this.#socket = socket;
    this.run = run;
  }

  get left(): number {
    return this.#containers.size;
  }

  start(): void {
    this.#server = Bun.serve({ unix: this.#socket, fetch: (request) => this.#answer(request) });
  }

  async stop(): Promise<void> {
    await this.#server?.stop(true);
  }

  /** A container that somebody left behind. */
  leave(owner: string): void {
    this.#add({ [OWNER]: owner, [JOB]: "left" }, []);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, id = "", action = ""] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (pathname === "/_ping") return new Response("OK");
    if (pathname === "/containers/create") return this.#create(await request.json());
    if (pathname === "/containers/json") return this.#list(searchParams.get("filters") ?? "{}");
    const container = this.#containers.get(id);
    if (container === undefined) return refusal(404, "no such container");
    switch (`${request.method} ${action}`) {
      case "POST start":
        this.#start(container);
        return new Response(null, { status: 204 });
      case "GET logs":
        return new Response(frames(container), { headers: { "content-type": "application/vnd.docker.multiplexed-stream" } });
      case "POST wait":
        return Response.json({ StatusCode: (await container.end)?.exitCode });
      case "POST kill":
        container.abort.abort();
        return new Response(null, { status: 204 });
      case "DELETE ":
        container.abort.abort();
        this.#containers.delete(id);
        return new Response(null, { status: 204 });
      default:
        return refusal(403, `${request.method} ${pathname} is not allowed`);
    }
  }

  #create(body: unknown): Response {
    const { Image, Cmd, Labels, ...others } = body as { Image: string; Cmd: string[]; Labels: Record<string, string> };
    if (Image !== "fetcher" || Object.keys(others).length > 0) return refusal(403, "only the task, its command and labels");
    if (this.left >= this.room) return refusal(429, "all places are taken");
    return Response.json({ Id: this.#add(Labels, Cmd).id, Warnings: [] }, { status: 201 });
  }

  #add(labels: Readonly<Record<string, string>>, command: readonly string[]): Container {
    this.#count += 1;
    const container = { id: `c${this.#count}`, labels, command, abort: new AbortController(), end: undefined };
    this.#containers.set(container.id, container);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.left);
    return container;
  }

  #start(container: Container): void {
    const [, job = "", , url = ""] = container.command;
    this.started.push(job);
    const { signal } = container.abort;
    const killed = new Promise<TaskEnd>((resolve) => signal.addEventListener("abort", () => resolve(KILLED)));
    container.end = Promise.race([this.run({ job, url, signal }), killed]);
  }

  #list(filters: string): Response {
    const { label = [] } = JSON.parse(filters) as { label?: string[] };
    const found = [...this.#containers.values()].filter(({ labels }) =>
      label.every((wanted) => `${wanted.split("=")[0]}=${labels[wanted.split("=")[0] ?? ""]}` === wanted),
    );
    return Response.json(found.map(({ id, labels }) => ({ Id: id, Labels: labels })));
  }
}

/** The log as Docker sends it: frames of a header (stream, length) and a payload, in pieces of 16 KiB. */
function frames({ end }: Container): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      const { stdout, stderr = "" } = (await end) ?? KILLED;
      for (const [stream, text] of [[2, stderr], [1, stdout]] as const) {
        const bytes = Buffer.from(text);
        for (let from = 0; from < bytes.length; from += 16_384) {
          const payload = bytes.subarray(from, from + 16_384);
          const header = Buffer.alloc(8);
          header.writeUInt8(stream, 0);
          header.writeUInt32BE(payload.length, 4);
          controller.enqueue(Buffer.concat([header, payload]));
        }
      }
      controller.close();
    },
  });
}

function refusal(status: number, message: string): Response {
  return Response.json({ message: `docker guard: ${message}` }, { status });
}
