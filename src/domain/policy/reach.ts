import type { PolicyFile } from './policy-file.js';

/** Whom nothing but lines of the log tells of live onboardings: everybody, or some by id. Empty: all are reached. */
export type LogAlone = 'everybody' | readonly string[];

/** Test onboardings are told to the log alone in any case, so a policy without a live source has nobody to reach. */
export function logAlone({
  channels,
  sources,
  logOnly,
}: Pick<PolicyFile, 'channels' | 'sources' | 'logOnly'>): LogAlone {
  if (!sources.some(({ mode }) => mode === 'live')) return [];
  return Object.values(channels).every(({ type }) => type === 'log') ? 'everybody' : logOnly;
}
