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

export function letThrough(): Response {
  return new Response(null, { status: 200 });
}
