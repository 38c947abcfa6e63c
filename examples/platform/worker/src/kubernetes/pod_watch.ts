/** Follows the pod of one Job: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
import type { Logger } from "@platform/shared/log";
import { errorText, pause, withTimeout } from "@platform/shared/time";
import { LineSplitter } from "../task_output.ts";
import type { KubernetesApi } from "./api.ts";
import type { Pod, PodEvent, PodList } from "./objects.ts";
import { type PodState, stateOf } from "./pod_state.ts";

const WATCH_SECONDS = 60;
// A connection that died in silence is given up a little later than the server would end it.
const WATCH_LIMIT_MS = 75_000;
const AGAIN_MS = 500;

export interface PodWatchOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  /** Of the Job: one that replaces it under the same name has another. */
  readonly jobUid: string;
  readonly container: string;
  readonly log: Logger;
}

export class PodWatch {
  readonly #options: PodWatchOptions;
  readonly #path: string;
  #state: PodState = { kind: "waiting", reason: "the Job has no pod yet; its events say why" };
  #pod: string | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(options: PodWatchOptions) {
    this.#options = options;
    const selector = encodeURIComponent(`batch.kubernetes.io/controller-uid=${options.jobUid}`);
    this.#path = `/api/v1/namespaces/${options.namespace}/pods?labelSelector=${selector}`;
  }

  get state(): PodState {
    return this.#state;
  }

  /** Resolves when the state is of another kind. @throws TimeoutError */
  async leaves(kind: PodState["kind"], limitMs: number): Promise<void> {
    const left = async () => {
      while (this.#state.kind === kind) await this.#changed.promise;
    };
    await withTimeout(left(), limitMs, `the pod's state: ${kind}`);
  }

  /** Goes on until `signal` is aborted. Never throws: it asks again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#round(signal);
      } catch (error) {
        if (!signal.aborted) this.#options.log.debug({ reason: errorText(error) }, "the watch of the pod was interrupted");
        await pause(AGAIN_MS, signal);
      }
    }
  }

  /** Looks, and then listens until the connection ends. */
  async #round(signal: AbortSignal): Promise<void> {
    const { api } = this.#options;
    const { items, metadata } = (await api.call("GET", this.#path)) as PodList;
    if (items[0] !== undefined) this.#take(items[0]);
    else if (this.#pod !== undefined) this.#set({ kind: "gone", reason: "the pod was deleted" });
    const path = `${this.#path}&watch=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${metadata.resourceVersion}`;
    const events = new LineSplitter((line) => this.#hear(JSON.parse(line) as PodEvent));
    const limited = AbortSignal.any([signal, AbortSignal.timeout(WATCH_LIMIT_MS)]);
    for await (const chunk of await api.stream(path, limited)) events.push(chunk);
  }

  #hear({ type, object }: PodEvent): void {
    if (type === "ADDED" || type === "MODIFIED") this.#take(object);
    else if (type === "DELETED") this.#set({ kind: "gone", reason: "the pod was deleted" });
  }

  #take(pod: Pod): void {
    this.#pod = pod.metadata.name;
    this.#set(stateOf(pod, this.#options.container));
  }

  #set(state: PodState): void {
    // What has ended is deleted some time later.
    if (this.#state.kind === "ended") return;
    this.#state = state;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
