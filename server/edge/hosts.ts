import { networkInterfaces } from 'node:os';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERY_ADDRESS = new Set(['0.0.0.0', '::', '[::]']);

/** The environment: `HOSTNAME` says where Unloop listens, `UNLOOP_ALLOWED_HOSTS` under which names it answers. Empty means unset. */
export type HostSettings = Readonly<Record<string, string | undefined>>;

/** An address as it stands in a Host header: IPv6 in brackets. */
function inHeader(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => inHeader(address.replace(/%.*$/, '').toLowerCase()));
}

/** True where only this machine can reach the address that Unloop listens on. */
export function isLoopback(host: string): boolean {
  const name = inHeader(host.toLowerCase());
  return LOOPBACK.includes(name) || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * The names that Unloop answers to, lower case, IPv6 in brackets, without ports; `*` among them means any. Loopback always; the address
 * it listens on, or each of this machine's addresses where it listens on all of them (a kubelet's probe and a scraper call by
 * address); and what the operator named. Another name may be a page elsewhere that had its own name point here (DNS rebinding).
 */
export function answeredHosts(settings: HostSettings): ReadonlySet<string> {
  const bound = (settings.HOSTNAME || '127.0.0.1').toLowerCase();
  const named = (settings.UNLOOP_ALLOWED_HOSTS ?? '').split(',').map((host) => host.trim().toLowerCase());
  return new Set([
    ...LOOPBACK,
    ...(EVERY_ADDRESS.has(bound) ? ownAddresses() : [inHeader(bound)]),
    ...named.filter((host) => host !== '').map(inHeader),
  ]);
}

/** The name in a Host header (`name`, `name:port`, `[address]:port`), lower case; null where it holds none or more than that. */
export function hostName(header: string | null | undefined): string | null {
  const found = /^(\[[0-9a-f:.]+\]|[^\s:/?#@\\[\]]+)(?::\d{1,5})?$/i.exec(header ?? '');
  return found?.[1]?.toLowerCase() ?? null;
}
