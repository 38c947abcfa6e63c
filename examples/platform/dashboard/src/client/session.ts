/**
 * Requests that need a session. Its token may be old: then a hidden frame has it renewed, which needs nobody's help as
 * long as the session itself goes on. Otherwise the page is loaded again, and the server leads to sign-in.
 */

const RENEWAL_MS = 10_000;
/** Two reloads within this time would be a circle. */
const RELOAD_MS = 15_000;
const RELOADED = "reloaded-for-sign-in";

let renewing: Promise<void> | undefined;

export async function request(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.status !== 401) return response;
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  await renewing;
  const again = await fetch(path, init);
  if (again.status === 401) leave();
  return again;
}

function renew(): Promise<void> {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    const done = (): void => {
      clearTimeout(timer);
      frame.remove();
      resolve();
    };
    const timer = setTimeout(done, RENEWAL_MS);
    frame.hidden = true;
    frame.onload = done;
    frame.src = "/session";
    document.body.append(frame);
  });
}

function leave(): void {
  const last = Number(sessionStorage.getItem(RELOADED));
  if (Date.now() - last < RELOAD_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}
