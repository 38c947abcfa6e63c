/** The Docker Engine behind its unix socket. Each request is written here, from checked values only. */
import { LABELS } from "./host_config.ts";

/** Engine 26.1, the oldest supported, speaks 1.45; later ones still do. */
const API = "/v1.45";

const SHORT_CALL_MS = 30_000;

/** The Engine's socket is not there, refuses or stays silent. */
export class EngineDown extends Error {}

/** The Engine answered with an error: its status and its own message. */
export class EngineError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One container as GET /containers/json lists it; only what the guard reads. */
export interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly State: string;
  readonly Status: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** One container as GET /containers/{id}/json describes it; only what the guard reads. */
export interface Inspected {
  readonly Id: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
}

export interface EngineVersion {
  readonly Version: string;
  readonly Os: string;
  readonly Arch: string;
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Ends the call, for instance when the client goes away. */
  readonly signal?: AbortSignal;
  /** Milliseconds; null for calls that last as long as the task. */
  readonly timeoutMs?: number | null;
}

export interface ListOptions {
  readonly all: boolean;
  readonly labels: readonly string[];
  readonly statuses?: readonly string[];
}

function signalFor(options: CallOptions): AbortSignal {
  const { signal, timeoutMs = SHORT_CALL_MS } = options;
  const signals = [signal, timeoutMs === null ? undefined : AbortSignal.timeout(timeoutMs)];
  return AbortSignal.any(signals.filter((one) => one !== undefined));
}

async function errorOf(response: Response): Promise<EngineError> {
  const text = await response.text();
  let message = text;
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    // Not JSON: the text itself is the message.
  }
  return new EngineError(response.status, message.slice(0, 1000));
}

export class Engine {
  constructor(private readonly socket: string) {}

  /**
   * One call. The answer's body is not read yet, so logs can be followed.
   * @throws EngineDown when there is no answer in time, EngineError for an answer of 400 and above.
   */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const { query, body } = options;
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
    const response = await this.send(`http://docker${API}${path}${search}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      signal: signalFor(options),
      unix: this.socket,
      proxy: "", // whatever the environment says: the socket is local
      redirect: "manual",
      keepalive: false, // a pooled connection may belong to an engine that is gone
      timeout: false, // Bun's own limit of five minutes would end logs and waits
    });
    if (response.status >= 400) throw await errorOf(response);
    return response;
  }

  private async send(url: string, init: BunFetchRequestInit & { timeout: false }): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      throw new EngineDown(code ?? message ?? String(error));
    }
  }

  private async json<T>(method: string, path: string, options?: CallOptions): Promise<T> {
    return (await (await this.call(method, path, options)).json()) as T;
  }

  async ping(timeoutMs: number): Promise<void> {
    await (await this.call("GET", "/_ping", { timeoutMs })).text();
  }

  version(): Promise<EngineVersion> {
    return this.json("GET", "/version");
  }

  list(options: ListOptions): Promise<readonly Listed[]> {
    const filters = { label: options.labels, ...(options.statuses?.length ? { status: options.statuses } : {}) };
    return this.json("GET", "/containers/json", {
      query: { all: options.all ? "1" : "0", filters: JSON.stringify(filters) },
    });
  }

  /** Every container that a guard of this project created, whatever its state. */
  tasksOf(project: string): Promise<readonly Listed[]> {
    return this.list({ all: true, labels: [`${LABELS.project}=${project}`, LABELS.service, LABELS.task] });
  }

  inspect(id: string): Promise<Inspected> {
    return this.json("GET", `/containers/${id}/json`);
  }

  create(name: string, config: Readonly<Record<string, unknown>>): Promise<{ readonly Id: string }> {
    return this.json("POST", "/containers/create", { query: { name }, body: config });
  }

  /** Kills and removes a container with its anonymous volumes; one that is gone or going is no error. */
  async remove(id: string): Promise<void> {
    try {
      await this.call("DELETE", `/containers/${id}`, { query: { force: "1", v: "1" } });
    } catch (error) {
      const gone = error instanceof EngineError && (error.status === 404 || error.status === 409);
      if (!gone) throw error;
    }
  }
}
