/** A small API for the tests: keeps jobs in memory, answers as the real one, and can be told to misbehave. */

export interface FakeApi {
  readonly url: URL;
  /** In the order in which the list gives them; change them at will. */
  readonly jobs: FakeJob[];
  /** Method and path of each request so far. */
  readonly requests: string[];
  /** Answers the next requests instead of the API while it is set. */
  override: ((request: Request) => Response | Promise<Response>) | undefined;
  stop(): Promise<void>;
}

export type FakeJob = Record<string, unknown> & { id: string };

/** A job that is done, unless said otherwise. */
export function fakeJob(fields: Partial<FakeJob> = {}): FakeJob {
  return {
    id: Bun.randomUUIDv7(),
    url: "https://example.com/",
    status: "done",
    title: "Example Domain",
    text: "This domain is for use in examples.",
    error: null,
    hasScreenshot: true,
    attempts: 1,
    createdAt: "2026-11-23T10:00:00.000Z",
    startedAt: "2026-11-23T10:00:00.200Z",
    finishedAt: "2026-11-23T10:00:01.500Z",
    milliseconds: 1_234,
    finalUrl: "https://example.com/",
    httpStatus: 200,
    ...fields,
  };
}

export const SCREENSHOT = new Uint8Array([0x52, 0x49, 0x46, 0x46, 4, 0, 0, 0, 0x57, 0x45, 0x42, 0x50]);

export function startFakeApi(): FakeApi {
  const jobs: FakeJob[] = [];
  const requests: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      requests.push(`${request.method} ${pathname}${search}`);
      if (api.override !== undefined) return api.override(request);
      const [, , , id, part] = pathname.split("/");
      if (id === undefined) return request.method === "POST" ? accept(request, jobs) : Response.json({ jobs });
      const job = jobs.find((candidate) => candidate.id === id);
      if (job === undefined) return refuse(404, "not_found", "there is no such job");
      if (part === undefined) return Response.json(job);
      return new Response(SCREENSHOT, { headers: { "content-type": "image/webp" } });
    },
  });
  const api: FakeApi = { url: server.url, jobs, requests, override: undefined, stop: () => server.stop(true) };
  return api;
}

async function accept(request: Request, jobs: FakeJob[]): Promise<Response> {
  const { url } = (await request.json()) as { url: string };
  if (!URL.canParse(url)) return refuse(400, "invalid_url", "url is not a URL; expected https://host/path");
  const job = fakeJob({ url, status: "queued", title: null, text: null, hasScreenshot: false, startedAt: null, finishedAt: null, milliseconds: null });
  jobs.unshift(job);
  return Response.json(job, { status: 202 });
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
