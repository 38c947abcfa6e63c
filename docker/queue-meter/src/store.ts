/** One Redis. */
import { Redis, ReplyError, type RedisOptions } from "ioredis";
import { RedisError, type Command } from "./commands.ts";
import type { StoreConfig } from "./config.ts";

/** Redis gave no answer; the message says why. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** What a connection is made with; everything that would wait, repeat or ask for more is off. */
function options(config: StoreConfig, limitMs: number): RedisOptions {
  const password = config.password();
  return {
    host: config.host,
    port: config.port,
    db: config.database,
    ...(config.user === undefined ? {} : { username: config.user }),
    ...(password === undefined ? {} : { password }),
    ...(config.tls ? { tls: {} } : {}),
    connectTimeout: limitMs,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    // CLIENT SETINFO is nothing that a user who only measures may do.
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  };
}

/** One connection and what became of it. */
class Link {
  readonly #client: Redis;
  readonly #connected: Promise<void>;
  #failure: Error | undefined;

  constructor(config: StoreConfig, limitMs: number) {
    this.#client = new Redis(options(config, limitMs));
    // The first error is the cause; what the commands are told is that the connection is closed.
    this.#client.on("error", (error: Error) => (this.#failure ??= error));
    this.#connected = this.#client.connect();
    this.#connected.catch(() => {});
  }

  /** @throws Error, the cause, if the connection does not come about or is lost */
  async ask(commands: readonly Command[]): Promise<readonly unknown[]> {
    try {
      await this.#connected;
      const batch = commands.map(([name, ...args]) => [name.toLowerCase(), ...args]);
      const answers = (await this.#client.pipeline(batch).exec()) ?? [];
      return answers.map(([error, value], index) => (error === null ? value : refusal(error, commands[index])));
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  get hasEnded(): boolean {
    return this.#client.status === "end" || this.#client.status === "close";
  }

  end(): void {
    this.#client.disconnect();
  }
}

/** @throws the error unless it is Redis's answer to one command */
function refusal(error: Error, command: Command | undefined): RedisError {
  // Without a login the whole connection is of no use.
  if (!(error instanceof ReplyError) || /^(NOAUTH|WRONGPASS)/.test(error.message)) throw error;
  return new RedisError(error.message, command);
}

/** Connects when it is asked; a connection that failed is replaced, with the password as it is then. */
export class Store {
  #link: Link | undefined;

  constructor(private readonly config: StoreConfig) {}

  /**
   * Runs `work`, whose pipelines and whose connecting have `limitMs` together.
   * @throws Unavailable; RedisError if Redis refused a command
   */
  async within<T>(limitMs: number, work: (ask: Link["ask"]) => Promise<T>): Promise<T> {
    let link: Link | undefined;
    try {
      const used = (link = this.#current(limitMs));
      return await inTime(limitMs, work((commands) => used.ask(commands)));
    } catch (error) {
      if (error instanceof RedisError) throw error;
      this.#drop(link);
      throw new Unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    this.#drop(this.#link);
  }

  #current(limitMs: number): Link {
    // Redis was restarted, say, while nobody asked.
    if (this.#link?.hasEnded) this.#link = undefined;
    return (this.#link ??= new Link(this.config, limitMs));
  }

  /** Another measuring may have replaced it already. */
  #drop(link: Link | undefined): void {
    link?.end();
    if (this.#link === link) this.#link = undefined;
  }
}

async function inTime<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
