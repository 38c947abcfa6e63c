/** The platform's API as the dashboard uses it. */
import { type Job, type JobSummary, MalformedAnswer, parseJob, parseSummary, record } from "./job.ts";

/** The API does not answer, or not as its contract says. */
export class ApiUnavailable extends Error {
  override readonly name = "ApiUnavailable";
}

/** The API answers, and refuses: `status` and `message` are its own. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Screenshot {
  readonly type: string;
  readonly body: ReadableStream<Uint8Array>;
}

const LIST_LIMIT = 100;
const READ_LIMIT_MS = 5_000;
// The API waits up to 15 seconds for its database; a post that was given up here would still become a job there.
const POST_LIMIT_MS = 20_000;
// The only types that are passed on: an SVG or an HTML page would be a document of this origin.
const SCREENSHOT_TYPES: readonly string[] = ["image/webp", "image/jpeg", "image/png"];

export class ApiClient {
  readonly #base: URL;
  readonly #authorization: Readonly<Record<string, string>>;

  /** @param token where the API asks for one, since the dashboard has no session of its own */
  constructor(base: URL, token?: string) {
    this.#base = base;
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** The latest jobs, newest first. @throws ApiUnavailable, ApiRefusal */
  async list(): Promise<JobSummary[]> {
    const answer = await this.#json(`/v1/jobs?limit=${LIST_LIMIT}`);
    return understood(() => {
      const { jobs } = record(answer, "answer");
      if (!Array.isArray(jobs)) throw new MalformedAnswer("jobs is not a list");
      return jobs.map(parseSummary);
    });
  }

  /** @throws ApiUnavailable, ApiRefusal (404: no such job) */
  async get(id: string): Promise<Job> {
    const answer = await this.#json(`/v1/jobs/${encodeURIComponent(id)}`);
    return understood(() => parseJob(answer));
  }

  /** Posts a job for `url` and returns its id. @throws ApiUnavailable, ApiRefusal (the URL is not acceptable) */
  async post(url: string): Promise<string> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ url }),
    };
    const answer = await this.#json("/v1/jobs", init, POST_LIMIT_MS);
    return understood(() => {
      const { id } = record(answer, "answer");
      if (typeof id !== "string") throw new MalformedAnswer("id is not a string");
      return id;
    });
  }

  /** @throws ApiUnavailable, ApiRefusal (404: no such job, or none yet) */
  async screenshot(id: string): Promise<Screenshot> {
    const response = await this.#send(`/v1/jobs/${encodeURIComponent(id)}/screenshot`);
    if (!response.ok) throw await refusal(response);
    const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!SCREENSHOT_TYPES.includes(type) || response.body === null) {
      await response.body?.cancel();
      throw new ApiUnavailable(`the API sent a screenshot of type "${type}"`);
    }
    return { type, body: response.body };
  }

  async #json(path: string, init: RequestInit = {}, limitMs = READ_LIMIT_MS): Promise<unknown> {
    const response = await this.#send(path, init, limitMs);
    if (!response.ok) throw await refusal(response);
    try {
      return await response.json();
    } catch (cause) {
      throw new ApiUnavailable("the API did not answer with JSON", { cause });
    }
  }

  async #send(path: string, init: RequestInit = {}, limitMs = READ_LIMIT_MS): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#base), {
        ...init,
        headers: { ...(init.headers as Readonly<Record<string, string>> | undefined), ...this.#authorization },
        redirect: "manual",
        signal: AbortSignal.timeout(limitMs),
      });
    } catch (cause) {
      throw new ApiUnavailable("the API does not answer", { cause });
    }
  }
}

async function refusal(response: Response): Promise<Error> {
  const text = await response.text().catch(() => "");
  const message = messageOf(text) ?? `the API answers with status ${response.status}`;
  const isRefusal = response.status >= 400 && response.status < 500;
  return isRefusal ? new ApiRefusal(response.status, message) : new ApiUnavailable(message);
}

/** The API's errors are `{"error": {"code": …, "message": …}}`. */
function messageOf(text: string): string | null {
  try {
    const message = record(record(JSON.parse(text), "answer").error, "error").message;
    return typeof message === "string" && message !== "" ? message : null;
  } catch {
    return null;
  }
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof MalformedAnswer) {
      throw new ApiUnavailable(`the API's answer is not understood: ${cause.message}`, { cause });
    }
    throw cause;
  }
}
