/** From the settings to what guards the dashboard. */
import type { Logger } from "@platform/shared/log";
import { ClerkGate } from "./clerk.ts";
import type { AuthConfig } from "./config.ts";
import type { Gate } from "./gate.ts";
import { TestGate, testKey } from "./test_session.ts";

export interface Auth {
  /** Absent where everybody is let in. */
  readonly gate?: Gate;
  /** The same one, where the dashboard signs sessions itself. */
  readonly test?: TestGate;
}

export async function startAuth(config: AuthConfig, log: Logger): Promise<Auth> {
  switch (config.kind) {
    case "none":
      log.warn("AUTH is none: whoever reaches the dashboard sees all jobs");
      return {};
    case "clerk":
      log.info({ instance: config.frontendApi, origins: config.authorizedParties }, "sessions of Clerk");
      return { gate: new ClerkGate(config) };
    case "test": {
      log.warn("no keys of Clerk: whoever is on this machine may sign in with a test session");
      const test = new TestGate(await testKey());
      return { gate: test, test };
    }
  }
}
