/**
 * The Kubernetes API, as a pod reaches it: with the token and the CA of its service account. Bun's own fetch does it:
 * client libraries hand the CA over in an `https.Agent`, which Bun does not pass on (oven-sh/bun issue 19754).
 */
import { join } from "node:path";
import { errorText } from "@platform/shared/time";

export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const CALL_LIMIT_MS = 30_000;

/** What the API refuses (status, reason: see `Status` in its reference), or that it does not answer (status null). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number | null,
    readonly reason: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Method = "GET" | "POST" | "DELETE";

export class KubernetesApi {
  readonly #url: string;
  readonly #account: string;

  /**
   * @param url such as https://10.96.0.1:443
   * @param account the folder with `token` and `ca.crt`
   */
  constructor(url: string, account: string = SERVICE_ACCOUNT) {
    this.#url = url;
    this.#account = account;
  }

  /** One call and its JSON answer. @throws ApiError */
  async call(method: Method, path: string, body?: object): Promise<unknown> {
    const signal = AbortSignal.timeout(CALL_LIMIT_MS);
    const response = await this.#send(method, path, signal, body);
    return answered(() => response.json());
  }

  /** The bytes of an answer without end; errors on the way are the stream's. @throws ApiError */
  async stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#send("GET", path, signal);
    if (body === null) throw new ApiError(null, "", "the answer is empty");
    return body;
  }

  async #send(method: Method, path: string, signal: AbortSignal, body?: object): Promise<Response> {
    const response = await answered(async () => {
      // Both are replaced from time to time; the token lives for an hour.
      const [token, ca] = await Promise.all([this.#read("token"), this.#read("ca.crt")]);
      return fetch(`${this.#url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "error",
        signal,
        tls: { ca },
        // Bun would give up a silent stream after five minutes.
        timeout: false,
      });
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  #read(file: string): Promise<string> {
    return Bun.file(join(this.#account, file)).text();
  }
}

async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ApiError(null, "", errorText(error), { cause: error });
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  const { reason, message } = statusFrom(text);
  return new ApiError(response.status, reason, `${response.status} ${message || text || response.statusText}`);
}

/** Errors are objects of kind `Status`; what stands in between may answer otherwise. */
function statusFrom(text: string): { reason: string; message: string } {
  try {
    const { reason, message } = JSON.parse(text) as { reason?: unknown; message?: unknown };
    return { reason: String(reason ?? ""), message: String(message ?? "") };
  } catch {
    return { reason: "", message: "" };
  }
}
