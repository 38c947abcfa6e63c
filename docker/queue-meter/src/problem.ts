/** How a problem with a setting is put. */

export function problem(name: string, found: string, expected: string): string {
  return `${name}: found ${found}, expected ${expected}`;
}

/** A value as it is found, cut to 80 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
