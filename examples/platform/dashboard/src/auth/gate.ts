/** Whether a request has a session, whoever gave it. */

export type Admission =
  /** Let through; `cookies` are to be set with the answer. */
  | { readonly kind: "session"; readonly cookies: readonly string[] }
  /** Perhaps: who may be redirected learns more at `location`, and comes back. */
  | { readonly kind: "unknown"; readonly location: string; readonly reason: string; readonly cookies: readonly string[] }
  | { readonly kind: "none"; readonly signIn: string; readonly reason: string; readonly cookies: readonly string[] }
  /** Not under this address; no sign-in helps. */
  | { readonly kind: "refused"; readonly message: string };

export interface Gate {
  admit(request: Request): Promise<Admission>;
  /** Origins that a frame has to pass through to renew a session. */
  readonly frameSources: readonly string[];
}
