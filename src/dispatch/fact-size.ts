/** Quotes, colon and comma of one field, and a number or a word such as `null`. */
const FIELD_OVERHEAD_BYTES = 6;
const SCALAR_BYTES = 14;

/**
 * About how many bytes a fact takes in a signal, without writing it out: it is asked for every event, on the way on
 * which acknowledging comes first. Escapes are not counted; the limits of the server lie far above ours.
 */
export function factBytes(value: object): number {
  let bytes = 2;
  for (const [name, field] of Object.entries(value)) {
    bytes += name.length + FIELD_OVERHEAD_BYTES;
    if (typeof field === 'string') bytes += Buffer.byteLength(field);
    else if (typeof field === 'object' && field !== null) bytes += factBytes(field as object);
    else bytes += SCALAR_BYTES;
  }
  return bytes;
}
