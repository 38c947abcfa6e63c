/** The database: libSQL over HTTP, with patience for a server that restarts. */
import { type Client, createClient, type InArgs, LibsqlError, type ResultSet } from "@libsql/client/http";
import type { Logger } from "./log.ts";
import { aborted, errorText, pause } from "./time.ts";

const REQUEST_LIMIT_MS = 5_000;
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** The database does not answer, for longer than the patience. The cause is the last error. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

export interface DatabaseOptions {
  readonly url: string;
  readonly authToken: string | undefined;
  readonly log: Logger;
  readonly patienceMs?: number;
}

/** Statements must be idempotent: one whose answer got lost is sent again. */
export class Database {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #patienceMs: number;

  constructor({ url, authToken, log, patienceMs = PATIENCE_MS }: DatabaseOptions) {
    this.#client = createClient({
      url,
      ...(authToken === undefined ? {} : { authToken }),
      fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) }),
    });
    this.#log = log;
    this.#patienceMs = patienceMs;
  }

  /** @throws DatabaseUnavailable, LibsqlError (the statement or the token is wrong) */
  execute(sql: string, args: InArgs = []): Promise<ResultSet> {
    return this.#patiently(() => this.#client.execute({ sql, args }));
  }

  /** All statements or none. @throws DatabaseUnavailable, LibsqlError */
  async transaction(statements: readonly string[]): Promise<void> {
    await this.#patiently(() => this.#client.batch([...statements], "write"));
  }

  /** One try. @throws whatever the client throws */
  async ping(): Promise<void> {
    await this.#client.execute("SELECT 1");
  }

  close(): void {
    this.#client.close();
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (performance.now() + wait > deadline) {
          throw new DatabaseUnavailable(`the database does not answer: ${errorText(error)}`, { cause: error });
        }
        this.#log.warn({ reason: errorText(error), retryInMs: wait }, "database does not answer, trying again");
        await pause(wait);
      }
    }
  }
}

/**
 * Does `work` as soon as the database answers, however long that takes: in a cluster, programs and stores start in any
 * order. Returns whether it was done before `signal` was aborted. @throws whatever else `work` throws
 */
export async function whenAvailable(work: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
  const stopped = aborted(signal).then(() => false);
  while (!signal.aborted) {
    try {
      return await Promise.race([work().then(() => true), stopped]);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
    }
  }
  return false;
}

/** Whether the same statement may succeed later: no connection, no answer in time, a busy or failing server. */
export function isTransient(error: unknown): boolean {
  // The client passes on what fetch throws; what the server answers is a LibsqlError.
  if (!(error instanceof LibsqlError)) return true;
  if (error.code.startsWith("SQLITE_BUSY")) return true;
  const cause = error.cause instanceof Error ? error.cause : {};
  const status = "status" in cause ? Number(cause.status) : 0;
  return status === 429 || status >= 500;
}
