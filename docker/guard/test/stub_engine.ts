/** A stand-in for the Engine on a unix socket: just enough of it to see what the guard sends, and when it gives up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface StubContainer {
  Id: string;
  Names: string[];
  Command: string;
  Created: number;
  State: string;
  Status: string;
  Labels: Record<string, string>;
}

export class StubEngine {
  readonly folder = mkdtempSync(join(tmpdir(), "docker-guard-"));
  readonly socket = join(this.folder, "engine.sock");
  readonly containers = new Map<string, StubContainer>();
  /** "METHOD path?query" of every request but pings, in order. */
  readonly seen: string[] = [];
  /** How many waits and logs were ended by the guard before their end. */
  aborted = 0;
  /** Milliseconds that a create takes. */
  createMs = 20;
  private server = this.listen();

  /** Containers of the project that exist in the given state. */
  inState(state: string): StubContainer[] {
    return [...this.containers.values()].filter((container) => container.State === state);
  }

  add(State: string, Labels: Record<string, string>): StubContainer {
    const Id = Array.from({ length: 4 }, () =>
      Bun.hash(`${this.containers.size}${Math.random()}`).toString(16).padStart(16, "0"),
    ).join("");
    const Created = Math.floor(Date.now() / 1000);
    const container = { Id, Names: [`/${Id.slice(0, 8)}`], Command: "", Created, State, Status: "", Labels };
    this.containers.set(Id, container);
    return container;
  }

  async close(): Promise<void> {
    await this.server.stop(true);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async stopListening(): Promise<void> {
    await this.server.stop(true);
  }

  private listen(): Bun.Server<undefined> {
    const never = { idleTimeout: 0 } as object;
    return Bun.serve({ unix: this.socket, ...never, fetch: (request) => this.answer(request) });
  }

  private async answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const path = pathname.replace("/v1.45", "");
    if (path === "/_ping") return new Response("OK");
    this.seen.push(`${request.method} ${path}${search}`);
    if (path === "/containers/json") return Response.json(this.list(searchParams));
    if (path === "/containers/create") return this.create(request, searchParams.get("name") ?? "");
    const [, , id = "", action = "remove"] = path.split("/");
    const container = this.containers.get(id);
    if (container === undefined) return Response.json({ message: `No such container: ${id}` }, { status: 404 });
    return this.act(request, container, action);
  }

  private list(query: URLSearchParams): StubContainer[] {
    const { label = [] } = JSON.parse(query.get("filters") ?? "{}") as { label?: string[] };
    const fits = (container: StubContainer) =>
      label.every((one) => {
        const [name = "", value] = one.split("=");
        return name in container.Labels && (value === undefined || container.Labels[name] === value);
      });
    return [...this.containers.values()].filter(fits);
  }

  private async create(request: Request, name: string): Promise<Response> {
    const { Labels } = (await request.json()) as { Labels: Record<string, string> };
    await Bun.sleep(this.createMs);
    const container = this.add("created", Labels);
    container.Names = [`/${name}`];
    return Response.json({ Id: container.Id, Warnings: [] }, { status: 201 });
  }

  private act(request: Request, container: StubContainer, action: string): Response | Promise<Response> {
    switch (action) {
      case "json":
        return Response.json({
          Id: container.Id,
          State: { Status: container.State },
          Config: { Labels: container.Labels },
        });
      case "start":
        container.State = "running";
        return new Response(null, { status: 204 });
      case "remove":
        this.containers.delete(container.Id);
        return new Response(null, { status: 204 });
      case "wait":
        return this.until(request, container);
      default:
        return this.logs(request, container);
    }
  }

  private async until(request: Request, container: StubContainer): Promise<Response> {
    request.signal.addEventListener("abort", () => (this.aborted += 1));
    while (container.State !== "exited" && !request.signal.aborted) await Bun.sleep(5);
    return Response.json({ StatusCode: 0 });
  }

  /** One line; the stream of a container that has ended ends too. */
  private logs(request: Request, container: StubContainer): Response {
    request.signal.addEventListener("abort", () => (this.aborted += 1));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("line\n"));
        if (container.State === "exited") controller.close();
      },
    });
    return new Response(body, { headers: { "Content-Type": "application/vnd.docker.multiplexed-stream" } });
  }
}
