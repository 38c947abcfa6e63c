/** The form that posts a URL, with its errors in place. */
import { byId, setText } from "./dom.ts";
import { completeUrl, sentence } from "./format.ts";
import { request } from "./session.ts";

export function connectForm(posted: (id: string) => void): void {
  const form = byId("post", HTMLFormElement);
  const input = byId("url", HTMLInputElement);
  const button = form.querySelector("button");
  input.addEventListener("input", () => showError(input, null));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button === null || button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    try {
      posted(await post(completeUrl(input.value)));
      input.value = "";
      showError(input, null);
    } catch (error) {
      showError(input, error instanceof Error ? error.message : String(error));
      input.focus();
    } finally {
      button.ariaDisabled = null;
    }
  });
}

function showError(input: HTMLInputElement, message: string | null): void {
  input.ariaInvalid = message === null ? null : "true";
  setText(byId("post-error", HTMLElement), message === null ? "" : sentence(message));
}

async function post(url: string): Promise<string> {
  if (url === "") throw new Error("Enter the URL of a page");
  const response = await request("/jobs", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url }),
  }).catch(() => null);
  if (response === null) throw new Error("The dashboard does not answer; try again in a moment");
  const answer = (await response.json().catch(() => ({}))) as { id?: string; error?: { message?: string } };
  if (!response.ok || answer.id === undefined) {
    throw new Error(answer.error?.message ?? `The dashboard answered with status ${response.status}`);
  }
  return answer.id;
}
