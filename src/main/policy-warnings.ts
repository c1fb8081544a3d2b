import type { PolicyFile } from '../domain/policy/policy-file.js';
import { logAlone } from '../domain/policy/reach.js';

/** What to tell of a policy that is valid and still does not do what whoever wrote it may think. */
export function policyWarnings(file: PolicyFile): readonly string[] {
  return unreached(file);
}

function unreached(file: PolicyFile): readonly string[] {
  const who = logAlone(file);
  if (who.length === 0) return [];
  return [
    who === 'everybody'
      ? 'Nobody is reached: the policy has no channel but `log`, so every chase is a line of the log and counts as sent. Add one of type email or webhook under `channels`.'
      : `Lines of the log alone tell ${who.join(', ')}, and count as sent: give each of them \`channels\`, or \`emails\` and the policy a channel of type email.`,
  ];
}
