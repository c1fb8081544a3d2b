import ipaddr from 'ipaddr.js';

/**
 * Whom an address belongs to, as far as it shows: an IPv4 address itself, of IPv6 the first 64 bits, since one household
 * or machine has 2^64 addresses there to send from. Text that is no address is a network of its own.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return (address ?? 'unknown').slice(0, 64);
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
