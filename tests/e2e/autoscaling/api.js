/** An API that counts its requests, as programs do for Prometheus. */
let requests = 0;
const metrics = () => `# TYPE http_requests_total counter\nhttp_requests_total ${requests}\n`;

Bun.serve({
  port: 8080,
  fetch(request) {
    if (new URL(request.url).pathname !== "/health") {
      requests += 1;
    }
    return new Response("ok");
  },
});

Bun.serve({
  port: 9464,
  fetch: () => new Response(metrics(), { headers: { "Content-Type": "text/plain; version=0.0.4" } }),
});

// For a moment requests are still sent here; a busy machine takes its time to tell all that this one ends.
process.on("SIGTERM", () => setTimeout(() => process.exit(0), 10_000));
