/** A `v1` signature is the base64 of 32 bytes; anything of another length cannot match and is not looked at. */
const SIGNATURE_CHARS = 44;
/** A rotation has two. More than this many `v1` signatures in one header are not looked at. */
export const MOST_SIGNATURES = 64;

/**
 * Entries are separated by spaces or commas, and hold a comma themselves: `v1,<base64>`. So a comma separates only
 * where a version and another comma follow; a base64 signature may itself begin with `v1`.
 */
const SEPARATOR = / +|,(?= *v\d+a?,)/;

/** The `v1` signatures of a signature header, in order, without their version. */
export function v1Signatures(header: string): string[] {
  const signatures: string[] = [];
  for (const entry of header.split(SEPARATOR)) {
    if (!entry.startsWith('v1,') || entry.length !== SIGNATURE_CHARS + 3) continue;
    signatures.push(entry.slice(3));
    if (signatures.length === MOST_SIGNATURES) break;
  }
  return signatures;
}
