/**
 * What the edge asks before it lets a request through: it sends the request's method and headers, without a body, to its
 * path below EDGE_AUTH. 200 lets it through; every other answer becomes the client's. The program checks it again itself.
 */
export const EDGE_AUTH = "/edge-auth";

type Handler = (request: Request) => Response | Promise<Response>;

/** A handler for such questions, made of one for the requests themselves. */
export function asked(handler: Handler): Handler {
  return (request) => {
    const url = new URL(request.url);
    url.pathname = url.pathname.slice(EDGE_AUTH.length);
    return handler(new Request(url, { method: request.method, headers: request.headers }));
  };
}

/**
 * For an edge that asks at EDGE_AUTH itself, as Traefik does, and says in X-Forwarded-Host and -Uri what a request is for.
 * The handlers are those for the requests themselves, by their routes; the first that fits answers.
 */
export function askedByHeaders(handlers: readonly (readonly [route: string, handler: Handler])[], otherwise: Handler): Handler {
  const byPath = handlers.map(([pathname, handler]) => [new URLPattern({ pathname }), handler] as const);
  return (request) => {
    const about = requestAbout(request);
    if (about === null) return otherwise(request);
    const { pathname } = new URL(about.url);
    const handler = byPath.find(([pattern]) => pattern.test({ pathname }))?.[1] ?? letThrough;
    return handler(about);
  };
}

function requestAbout(question: Request): Request | null {
  const uri = question.headers.get("x-forwarded-uri");
  const host = question.headers.get("x-forwarded-host");
  if (uri === null || host === null) return null;
  const [path = "", ...query] = uri.split("?");
  const url = new URL(question.url);
  url.pathname = path;
  url.search = query.join("?");
  const headers = new Headers(question.headers);
  headers.set("host", host);
  return new Request(url, { method: question.method, headers });
}

export function letThrough(): Response {
  return new Response(null, { status: 200 });
}
