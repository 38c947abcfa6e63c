/** The page's script: puts the stream of events, the board, the dialog and the form together. */
import type { ApiState, FeedEvent } from "../feed.ts";
import { Board } from "./board.ts";
import { Detail } from "./detail.ts";
import { byId, setText } from "./dom.ts";
import { connectForm } from "./form.ts";
import { sentence, STATUS_NAMES, titleOf } from "./format.ts";
import { type Hello, Stream } from "./stream.ts";

/** How far the server's clock is ahead of the browser's; the jobs' times are the server's. */
let clockOffset = 0;
let connected: boolean | undefined;
let api: ApiState = { available: true, reason: null };
/** Posted from this page and not ended yet: the ends of these are announced to screen readers. */
const awaited = new Set<string>();

const now = (): number => Date.now() + clockOffset;
const board = new Board(now);
const detail = new Detail((id) => board.get(id), now);

new Stream({
  connected(state) {
    connected = state;
    showState();
  },
  hello(hello) {
    clockOffset = hello.now - Date.now();
    reloadIfOld(hello);
  },
  event: take,
});
connectForm((id) => {
  awaited.add(id);
  announce("Job queued");
});
connectCopyButtons();
showCommand();
detail.follow();
setInterval(() => {
  if (document.visibilityState !== "visible") return;
  board.tick();
  detail.tick();
}, 1_000);

function take(event: FeedEvent): void {
  if (event.type === "snapshot" && event.jobs !== null) board.replace(event.jobs);
  if (event.type === "change") {
    board.change(event.jobs, event.removed);
    for (const job of event.jobs) {
      if (!awaited.has(job.id) || (job.status !== "done" && job.status !== "failed")) continue;
      awaited.delete(job.id);
      announce(`${STATUS_NAMES[job.status]}: ${titleOf(job)}`);
    }
  }
  if (event.type !== "change") {
    api = event.api;
    showState();
  }
  detail.refresh();
}

function showState(): void {
  const { state, text } = connection();
  byId("live", HTMLElement).dataset.state = state;
  setText(byId("live-text", HTMLElement), text);
  const notice = byId("notice", HTMLElement);
  notice.hidden = connected !== true || api.available;
  const shown = board.isEmpty ? "" : "The list shows what was last known. ";
  setText(notice, notice.hidden ? "" : `${sentence(api.reason ?? "")} ${shown}The API is asked again every second.`);
}

function connection(): { state: "connecting" | "live" | "away"; text: string } {
  if (connected === undefined) return { state: "connecting", text: "Connecting" };
  if (!connected) return { state: "away", text: "Reconnecting" };
  return api.available ? { state: "live", text: "Live" } : { state: "away", text: "API away" };
}

/** The server was replaced by another version. Not at once, so that two versions side by side cannot make a loop. */
function reloadIfOld({ build }: Hello): void {
  if (build === document.documentElement.dataset.build) return;
  setTimeout(() => location.reload(), Math.max(0, 5_000 - performance.now()));
}

function announce(text: string): void {
  setText(byId("announcer", HTMLElement), text);
}

function connectCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    button.addEventListener("click", () => copy(button, byId(button.dataset.copy ?? "", HTMLElement)));
  }
}

async function copy(button: HTMLButtonElement, source: HTMLElement): Promise<void> {
  try {
    // Absent where the page is served by plain http under a name of its own.
    await navigator.clipboard.writeText(source.textContent ?? "");
    announce("Copied");
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1_500);
  } catch {
    getSelection()?.selectAllChildren(source);
  }
}

/** On a developer's machine the API has a port of its own, behind an edge it is at this page's address. */
function showCommand(): void {
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const origin = local ? `http://${location.hostname}:${document.documentElement.dataset.apiPort}` : location.origin;
  setText(byId("command", HTMLElement), `curl -d '{"url": "https://example.com"}' ${origin}/v1/jobs`);
}
