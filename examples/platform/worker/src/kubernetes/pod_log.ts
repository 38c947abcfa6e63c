/**
 * The log of a task's container: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
 * The kubelet ends a followed log up to five seconds after the container, so it is not what tells that the task ended.
 */
import type { Logger } from "@platform/shared/log";
import { errorText, pause } from "@platform/shared/time";
import type { KubernetesApi } from "./api.ts";

const AGAIN_MS = 500;
const TRIES = 4;

export interface PodLogOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly log: Logger;
  readonly onBytes: (chunk: Uint8Array) => void;
}

/** Reads each byte once, through however many connections. */
export class PodLog {
  readonly #options: PodLogOptions;
  readonly #path: string;
  #seen = 0;

  constructor(options: PodLogOptions) {
    this.#options = options;
    this.#path = `/api/v1/namespaces/${options.namespace}/pods/${options.pod}/log?container=${options.container}`;
  }

  /** Reads what is written, as it is written, until `signal` is aborted. Never throws. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#read(`${this.#path}&follow=true`, signal).catch((error) => this.#note(error, signal));
      await pause(AGAIN_MS, signal);
    }
  }

  /** Reads what is left of a container that has ended. Never throws: then the rest is lost, and that is logged. */
  async finish(signal: AbortSignal): Promise<void> {
    for (let left = TRIES; left > 0 && !signal.aborted; left -= 1) {
      try {
        return await this.#read(this.#path, signal);
      } catch (error) {
        this.#note(error, signal);
        await pause(AGAIN_MS, signal);
      }
    }
    this.#options.log.warn("the end of the task's log cannot be read");
  }

  async #read(path: string, signal: AbortSignal): Promise<void> {
    const { api, onBytes } = this.#options;
    let skip = this.#seen;
    for await (const chunk of await api.stream(path, signal)) {
      if (signal.aborted) return;
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      this.#seen += fresh.length;
      onBytes(fresh);
    }
  }

  #note(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#options.log.debug({ reason: errorText(error) }, "the task's log was interrupted");
  }
}
