/**
 * Which IP addresses are public. Every block of IANA's special-purpose registries counts as not public, also the few
 * that are reachable from everywhere: no web page lives there.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry, …/ipv6-address-space
 */
import { BlockList, isIP } from "node:net";

const SPECIAL_V4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local: the clouds' metadata services
  "172.16.0.0/12", // private
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "168.63.129.16/32", // in no registry: Azure's host agent, which only its own machines reach
];

// Outside of this block there is no global unicast: loopback, mapped, NAT64 (64:ff9b::/96), unique local, link-local …
const GLOBAL_V6 = "2000::/3";

const SPECIAL_V6 = [
  "2001::/23", // IETF protocol assignments: Teredo, ORCHID, benchmarking …
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: any IPv4 address inside
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
];

const specialV4 = blockList(SPECIAL_V4, "ipv4");
const specialV6 = blockList(SPECIAL_V6, "ipv6");
const globalV6 = blockList([GLOBAL_V6], "ipv6");

/** @param address an IPv4 or IPv6 address without brackets; anything else is not public */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialV4.check(address, "ipv4");
    case 6:
      // A zone (fe80::1%eth0) names an interface: never public.
      return !address.includes("%") && globalV6.check(address, "ipv6") && !specialV6.check(address, "ipv6");
    default:
      return false;
  }
}

function blockList(blocks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = "", prefix] = block.split("/");
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
