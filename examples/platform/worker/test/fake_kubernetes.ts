/**
 * A stand-in for the Kubernetes API, for what the real one cannot be made to do: refuse on demand, break connections in
 * the middle. Its answers are those of a real API server (1.37), cut down to what the runner reads.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Job, Pod } from "../src/kubernetes/objects.ts";

type Status = NonNullable<Pod["status"]>;
type State = NonNullable<NonNullable<Status["containerStatuses"]>[number]["state"]>;

export const RUNNING: State = { running: { startedAt: "2026-11-23T18:53:30Z" } };
export const completed = (exitCode: number): State => ({ terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error" } });

interface Answer {
  readonly status: number;
  readonly body: object;
}

const BATCH = "/apis/batch/v1/namespaces/atlas-tasks";
const TEMPLATE = {
  metadata: { name: "fetcher", uid: "template" },
  spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "fetcher", image: "fetcher" }] } } } } },
};

export class FakeKubernetes {
  /** By name. */
  readonly jobs = new Map<string, Job>();
  /** Method and path of each request so far. */
  readonly requests: string[] = [];
  /** Answers given instead of the usual ones, once each, to the next requests of a method. */
  readonly refusals: { readonly method: string; readonly answer: Answer }[] = [];
  /** What the container has printed. */
  log = "";
  /** The next readings of the log break off after so many bytes. */
  readonly logCuts: number[] = [];
  #pod: Pod | undefined;
  #count = 0;
  readonly #watchers = new Set<ServerResponse>();
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  refuse(method: string, status: number, reason = "", message = "no"): void {
    this.refusals.push({ method, answer: refusal(status, reason, message) });
  }

  /** Resolves with the one Job, as soon as somebody watches its pod. */
  async watched(): Promise<Job> {
    while (this.#watchers.size === 0) await Bun.sleep(5);
    const [job] = this.jobs.values();
    if (job === undefined) throw new Error("there is no Job");
    return job;
  }

  /** The pod's container changes its state. */
  set(state: State, status: Status = {}): void {
    const type = this.#pod === undefined ? "ADDED" : "MODIFIED";
    this.#pod = { metadata: { name: "pod", uid: "pod" }, status: { ...status, containerStatuses: [{ name: "fetcher", state }] } };
    this.#tell({ type, object: this.#pod });
  }

  /** The pod is deleted; nobody is told if the watches are cut. */
  deletePod(): void {
    const object = this.#pod;
    this.#pod = undefined;
    this.#tell({ type: "DELETED", object });
  }

  /** Breaks the connections of all watches. */
  cutWatches(): void {
    for (const watcher of this.#watchers) watcher.destroy();
    this.#watchers.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "" } = request;
    const { pathname, searchParams } = new URL(request.url ?? "", this.url);
    this.requests.push(`${method} ${pathname}`);
    if (pathname.endsWith("/pods/pod/log")) return this.#sendLog(response, searchParams.has("follow"));
    if (pathname.endsWith("/pods") && searchParams.has("watch")) return this.#watch(response);
    const { status, body } = this.#refusal(method) ?? this.#resource(method, pathname, await bodyOf(request));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #refusal(method: string): Answer | undefined {
    const next = this.refusals.findIndex((entry) => entry.method === method);
    return next === -1 ? undefined : this.refusals.splice(next, 1)[0]?.answer;
  }

  #resource(method: string, pathname: string, body: string): Answer {
    if (pathname === `${BATCH}/cronjobs/fetcher`) return { status: 200, body: TEMPLATE };
    if (pathname.endsWith("/pods")) return { status: 200, body: this.#pods() };
    if (method === "POST") return this.#create(JSON.parse(body) as Job);
    if (pathname === `${BATCH}/jobs`) return { status: 200, body: { items: [...this.jobs.values()] } };
    const name = pathname.slice(`${BATCH}/jobs/`.length);
    const job = this.jobs.get(name);
    if (job === undefined) return refusal(404, "NotFound", `jobs.batch "${name}" not found`);
    if (method === "DELETE") this.jobs.delete(name);
    return { status: 200, body: job };
  }

  #create(body: Job): Answer {
    const { name } = body.metadata;
    if (this.jobs.has(name)) return refusal(409, "AlreadyExists", `jobs.batch "${name}" already exists`);
    this.#count += 1;
    const job = { ...body, metadata: { ...body.metadata, uid: `job-${this.#count}` } };
    this.jobs.set(name, job);
    return { status: 201, body: job };
  }

  #pods(): object {
    return { metadata: { resourceVersion: "1" }, items: this.#pod === undefined ? [] : [this.#pod] };
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200).flushHeaders();
    this.#watchers.add(response);
    response.once("close", () => this.#watchers.delete(response));
  }

  #tell(event: object): void {
    for (const watcher of this.#watchers) watcher.write(`${JSON.stringify(event)}\n`);
  }

  /** A followed log stays open: the kubelet needs a while to see that the container has ended. */
  #sendLog(response: ServerResponse, follow: boolean): void {
    const bytes = Buffer.from(this.log);
    const cut = this.logCuts.shift();
    response.writeHead(200).write(bytes.subarray(0, cut));
    if (cut !== undefined) setTimeout(() => response.destroy(), 10);
    else if (!follow) response.end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function refusal(status: number, reason: string, message: string): Answer {
  return { status, body: { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code: status } };
}
