"""A web server with pages to fetch, in a container beside the fetcher."""

from __future__ import annotations

from types import TracebackType

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command, eventually

# The page is one flat colour with a heading, so that a screenshot of it can be told from any other picture.
COLOUR = (18, 140, 90)
SERVER = """
const html = (title, colour) => `<!doctype html><title>${title}</title>
<style>body{margin:0;background:rgb(18,140,90);color:white;font:48px sans-serif}</style><h1>${title}</h1>
<p>The quick brown fox.</p>`;
Bun.serve({port: 8000, hostname: "0.0.0.0", idleTimeout: 60, async fetch(request) {
  const {pathname} = new URL(request.url);
  if (pathname.startsWith("/slow/")) await Bun.sleep(2000);
  if (pathname === "/to-redis") return Response.redirect("http://redis:26379/", 302);
  return new Response(html(`Page ${pathname}`), {headers: {"content-type": "text/html"}});
}});
console.log("ready");
"""


class Pages:
    """Serves http://pages:8000/<anything>; /slow/<anything> takes two seconds."""

    def __init__(self, platform: PlatformUnderTest) -> None:
        self._container = f"{platform.name}-pages"
        self._network = f"{platform.name}_egress-fetcher"
        self._image = f"{platform.name}/api:local"

    def __enter__(self) -> Pages:
        self.start()
        return self

    def start(self) -> None:
        command("docker", "rm", "-f", self._container, check=False)
        start = ["docker", "run", "-d", "--name", self._container, "--network", self._network]
        start += ["--network-alias", "pages", "--entrypoint", "bun", self._image, "-e", SERVER]
        command(*start)
        eventually(lambda: "ready" in command("docker", "logs", self._container) or None, 20)

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        command("docker", "rm", "-f", self._container)

    def url(self, path: str) -> str:
        return f"http://pages:8000{path}"
