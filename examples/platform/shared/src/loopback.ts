/** Names that lead to nothing but the machine that asks. */

/** Whether a request's Host is one. It is what a browser shows, so this also keeps out names that lead here (DNS rebinding). */
export function isLoopbackHost(host: string | null): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return /^(?:.+\.)?localhost$|^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(name);
}
