/** The container's health check. */

const TIMEOUT_MS = 2_000;

/** Whether the program serves. Redis may be away meanwhile: a restart would not bring it back. */
export async function serves(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`http://127.0.0.1:${port}/health`, { proxy: "", signal });
    return response.status === 200;
  } catch {
    return false;
  }
}
