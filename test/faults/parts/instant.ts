/** Seconds and nanoseconds of protobuf as ms; a timestamp as epoch ms. 0 where there is none. */
export function instantOf(
  time: { seconds?: { toString(): string } | number | null; nanos?: number | null } | null | undefined,
): number {
  return Number(String(time?.seconds ?? 0)) * 1_000 + (time?.nanos ?? 0) / 1e6;
}
