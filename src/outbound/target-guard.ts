import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';

/** Finds every address of a host name; Node's own resolver unless a test brings another. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface GuardOptions {
  /** Lets http and private targets through: `SLIPWAY_ALLOW_PRIVATE_TARGETS`. */
  readonly allowPrivate: boolean;
  /** The one origin that is not judged, as a URL writes it: Slipway's own edge. */
  readonly exempt?: string;
  readonly resolve?: Resolve;
  /** Told of the address each new connection is made to. */
  readonly onDial?: (origin: string, address: string) => void;
}

/** A target that Slipway does not connect to. The message names the host at most, never path, query or credentials. */
export class TargetForbidden extends Error {
  override readonly name = 'TargetForbidden';
}

/**
 * Services of clouds that hand out a machine's credentials and do not live in the link-local range, which is refused
 * whole: Azure's wire server stands in a public one, the others in ranges that `allowPrivate` opens. As `ipaddr.js`
 * writes them.
 */
const METADATA = new Set([
  '168.63.129.16', // Azure's wire server
  '100.100.100.200', // Alibaba
  'fd00:ec2::254', // Amazon EC2
  'fd00:ec2::23', // Amazon EKS, pod identity
  'fd20:ce::254', // Google
]);

/** Ranges of a company's own network. Nothing else that is not public is ever a sensible target. */
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/**
 * The range that makes an address forbidden, undefined where it may be dialled. Whatever carries an IPv4 address inside
 * an IPv6 one (mapped, 6to4, NAT64, Teredo) is refused whole: the range inside would have to be judged by a rule of
 * each form, and no public receiver is only reachable through one.
 */
export function forbiddenRange(address: string, allowPrivate: boolean): string | undefined {
  if (!ipaddr.isValid(address)) return 'unreadable';
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return 'metadata';
  const range: string = parsed.range();
  if (range !== 'unicast') return allowPrivate && PRIVATE_RANGES.has(range) ? undefined : range;
  return parsed instanceof ipaddr.IPv6 && !isGlobalUnicast(parsed) ? 'reserved' : undefined;
}

/** 2000::/3, all that was ever handed out; the library calls everything unlisted unicast, `::10.0.0.1` included. */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/**
 * Reads the address of a receiver. Refuses what is no URL, no https (http where `allowPrivate`), carries credentials,
 * or names a forbidden address literally, in any spelling: the URL parser has made `0x7f.1` and `2130706433` the same
 * `127.0.0.1` by then. A host name is judged when it is dialled. Throws `TargetForbidden`.
 */
export function readTarget(text: string, allowPrivate: boolean, exempt?: string): URL {
  if (!URL.canParse(text)) throw new TargetForbidden('The target is not a URL: write it as https://host/path.');
  const url = new URL(text);
  const isExempt = url.origin === exempt;
  if (!isExempt && url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw new TargetForbidden(
      `The target ${url.host} is not an https one: use https, or set SLIPWAY_ALLOW_PRIVATE_TARGETS=true for http.`,
    );
  }
  if (url.username || url.password) {
    throw new TargetForbidden(`The target ${url.host} carries a user name or password: leave them out of the URL.`);
  }
  if (!isExempt) refuseLiteral(url.hostname, allowPrivate);
  return url;
}

function refuseLiteral(hostname: string, allowPrivate: boolean): void {
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(literal)) refuse(hostname, literal, allowPrivate);
}

function refuse(hostname: string, address: string, allowPrivate: boolean): void {
  const range = forbiddenRange(address, allowPrivate);
  if (range === undefined) return;
  const remedy = PRIVATE_RANGES.has(range) ? ', unless SLIPWAY_ALLOW_PRIVATE_TARGETS=true is set' : '';
  throw new TargetForbidden(
    `The target ${hostname} has a ${range} address, which Slipway does not connect to${remedy}.`,
  );
}

/** Half of what a post may take in all. It also bounds how long a stop waits for a connection that is being made. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Makes connections, to checked addresses alone. The name is resolved once for each connection, every address is
 * checked, and exactly these are dialled: a name that answers differently the second time (DNS rebinding) is never
 * asked a second time. One forbidden address among several refuses all, since Node may dial any of them.
 */
export function guardedConnector(options: GuardOptions): buildConnector.connector {
  const guarded = buildConnector({ lookup: guardedLookup(options), timeout: CONNECT_TIMEOUT_MS });
  const unguarded = options.exempt === undefined ? guarded : buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  return (target, callback) => {
    const origin = `${target.protocol}//${target.host ?? ''}`;
    const isExempt = origin === options.exempt;
    try {
      // Node does not resolve a literal address, so the lookup never sees one.
      if (!isExempt) refuseLiteral(target.hostname, options.allowPrivate);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    const connect = isExempt ? unguarded : guarded;
    connect(target, (...outcome) => {
      const [, socket] = outcome;
      if (socket?.remoteAddress) options.onDial?.(origin, socket.remoteAddress);
      callback(...outcome);
    });
  };
}

/** Node's `lookup` hook: answers with the very addresses that were checked. */
export function guardedLookup({ allowPrivate, resolve = resolveAll }: GuardOptions): LookupFunction {
  return (hostname, wanted, callback) => {
    checkedAddresses(hostname, allowPrivate, resolve).then(
      (addresses) =>
        wanted.all ? callback(null, addresses) : callback(null, addresses[0].address, addresses[0].family),
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

async function checkedAddresses(
  hostname: string,
  allowPrivate: boolean,
  resolve: Resolve,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = await resolve(hostname);
  if (!first) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
  for (const { address } of [first, ...others]) refuse(hostname, address, allowPrivate);
  return [first, ...others];
}

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });
