/** Where the browser may connect to. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPublic } from "./addresses.ts";

/** none: nowhere. public: public addresses. hosts: these, whatever their addresses are. */
export type EgressRule =
  | { readonly kind: "none" }
  | { readonly kind: "public" }
  | { readonly kind: "hosts"; readonly hosts: ReadonlySet<string> };

/** Why there is no connection. */
export class EgressRefused extends Error {
  override readonly name = "EgressRefused";
  constructor(
    readonly code: "refused_address" | "unresolvable" | "dns_unavailable",
    message: string,
    readonly permanent: boolean,
  ) {
    super(message);
  }
}

/** The addresses of a name, as the system resolves it. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const HOST = /^[A-Za-z0-9_.-]+$/;

/** @throws Error that says what is expected */
export function parseEgress(text: string): EgressRule {
  if (text === "none" || text === "public") return { kind: text };
  const hosts = text.split(",").map((host) => canonicalHost(host.trim()));
  if (hosts.every((host) => HOST.test(host) || isIP(host) !== 0)) return { kind: "hosts", hosts: new Set(hosts) };
  throw new Error("none, public, or host names with commas between them");
}

/** Lower case, without brackets and the final dot. */
export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/**
 * The addresses to connect to, all of them allowed; at least one. The caller must connect to these and not resolve
 * again: a second answer of the name server may be another one.
 * @throws EgressRefused
 */
export async function allowedAddresses(rule: EgressRule, name: string, resolve: Resolve = resolveHost) {
  const host = canonicalHost(name);
  if (rule.kind === "none") throw refused("this task may not connect to anything");
  if (rule.kind === "hosts" && !rule.hosts.has(host)) throw refused(`${host} is not among the hosts of this task`);
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  if (addresses.length === 0) throw new EgressRefused("unresolvable", `${host} has no address`, true);
  if (rule.kind === "hosts") return addresses;
  const allowed = addresses.filter(isPublic);
  if (allowed.length === 0) throw refused(`${host} is not public (${addresses.join(", ")})`);
  return allowed;
}

/** @throws EgressRefused */
export async function resolveHost(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EAI_AGAIN" || code.endsWith("ETIMEOUT") || code.endsWith("ESERVFAIL") || code.endsWith("ECONNREFUSED")) {
      throw new EgressRefused("dns_unavailable", `${host} cannot be resolved now (${code})`, false);
    }
    throw new EgressRefused("unresolvable", `${host} cannot be resolved`, true);
  }
}

function refused(message: string): EgressRefused {
  return new EgressRefused("refused_address", message, true);
}
