/** The few ways in which the page is changed. Text goes in as text only; nothing here or elsewhere parses markup. */
import { clock } from "./format.ts";

/** The element with this id; it stands in page.html, so its absence is a mistake in the program. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  return expect(document.getElementById(id), type, `#${id}`);
}

/** The part of `root` that page.html marks with data-field. */
export function field<T extends Element>(root: Element, name: string, type: new () => T): T {
  return expect(root.querySelector(`[data-field="${name}"]`), type, name);
}

/** A copy of the only element in a template of page.html. */
export function cloneTemplate<T extends Element>(id: string, type: new () => T): T {
  return expect(byId(id, HTMLTemplateElement).content.cloneNode(true).firstChild?.nextSibling ?? null, type, id);
}

/** Sets the text only if it differs, so that a selection in it survives. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setTime(element: HTMLTimeElement, text: string, at: number | null): void {
  setText(element, text);
  if (at === null) return;
  element.dateTime = new Date(at).toISOString();
  element.title = clock(at);
}

function expect<T extends Element>(found: Node | null, type: new () => T, name: string): T {
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} ${name}`);
  return found;
}
