/** The guard as a whole: its servers, its rounds of sweeping, its end. */
import { Engine } from "./engine.ts";
import type { Log } from "./log.ts";
import { Performer } from "./perform.ts";
import type { Policy } from "./policy.ts";
import { ServiceServer } from "./server.ts";
import { Sweeper } from "./sweep.ts";

export interface GuardOptions {
  readonly policy: Policy;
  readonly engineSocket: string;
  readonly log: Log;
  /** Milliseconds between two rounds. */
  readonly roundMs: number;
  /** Milliseconds without an answer of the Engine after which the guard gives up. */
  readonly giveUpMs: number;
}

const seconds = () => Math.floor(Date.now() / 1000);

export class Guard {
  private readonly engine: Engine;
  private readonly sweeper: Sweeper;
  private readonly performers: readonly Performer[];
  private readonly servers: readonly ServiceServer[];
  private readonly end = new AbortController();

  constructor(private readonly options: GuardOptions) {
    const { policy, engineSocket, log } = options;
    this.engine = new Engine(engineSocket);
    this.sweeper = new Sweeper(this.engine, policy, log);
    const desks = [...policy.services.values()].map((service) => {
      const performer = new Performer(this.engine, service);
      return { performer, server: new ServiceServer(service, performer, log) };
    });
    this.performers = desks.map((desk) => desk.performer);
    this.servers = desks.map((desk) => desk.server);
  }

  /**
   * Sweeps, listens, and does its rounds until `stop` (true), or until it cannot listen or the Engine has been silent
   * too long (false): a restarted engine has a new socket, which only a restarted container gets mounted.
   */
  async run(): Promise<boolean> {
    const clean = await this.rounds(() => this.sweeper.clear("left over when the guard started"), true);
    const ended = clean && this.listen() && (await this.rounds(() => this.round(), false));
    await Promise.all(this.servers.map((server) => server.close()));
    // Whoever waited for these tasks has just lost the connection.
    if (ended) await this.sweeper.clear("the guard ends").catch((error: unknown) => this.report(error));
    return ended;
  }

  stop(): void {
    this.end.abort();
  }

  private listen(): boolean {
    try {
      for (const server of this.servers) server.listen();
    } catch (error) {
      this.options.log("error", "cannot listen", { error: String(error) });
      return false;
    }
    this.options.log("info", "listening", { sockets: this.servers.length });
    return true;
  }

  private async round(): Promise<void> {
    const present = await this.sweeper.sweep(seconds());
    for (const performer of this.performers) performer.keepStarted(present);
  }

  /** Repeats a step, once or for ever; ends with false when the Engine was silent too long. */
  private async rounds(step: () => Promise<void>, once: boolean): Promise<boolean> {
    const { roundMs, giveUpMs, log } = this.options;
    let answered = performance.now();
    while (!this.end.signal.aborted) {
      try {
        await this.engine.ping(Math.min(roundMs, giveUpMs));
        answered = performance.now();
        await step();
        if (once) return true;
      } catch (error) {
        this.report(error);
      }
      if (performance.now() - answered >= giveUpMs) {
        log("error", `the Docker Engine has not answered for ${giveUpMs / 1000} s`);
        return false;
      }
      await this.pause(roundMs);
    }
    return true;
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.end.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  private report(error: unknown): void {
    this.options.log("error", "a round failed", { error: String(error) });
  }
}
