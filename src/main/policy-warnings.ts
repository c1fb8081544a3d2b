import type { PolicyFile } from '../domain/policy/policy-file.js';
import { logAlone } from '../domain/policy/reach.js';
import type { StatesSeen } from './states-seen.js';

/** What to tell of a policy that is valid and still does not do what whoever wrote it may think. */
export function policyWarnings(file: PolicyFile, states: Pick<StatesSeen, 'unmapped'>): readonly string[] {
  return [...unreached(file), ...unmapped(states.unmapped(file.policy))];
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

/** More of them make no sentence; `unmapped_states` of the status has all. */
const SHOWN = 5;
/** Columns of one: a sender may write a novel there. */
const LONGEST = 40;

/** How many onboardings are in them is not known: lists keep what a state means, and not its word. */
function unmapped(states: readonly string[]): readonly string[] {
  const [first] = states;
  if (first === undefined) return [];
  const words = states.slice(0, SHOWN).map((state) => `\`${state.slice(0, LONGEST)}\``);
  const more = states.length > SHOWN ? ` and ${states.length - SHOWN} more` : '';
  return [
    `Records speak of states that the policy does not map, and onboardings in them count as running: ${words.join(', ')}${more}. Write what each means (active, paused, waiting, blocked, completed or closed) under \`states:\`, such as \`${first.slice(0, LONGEST)}: paused\`.`,
  ];
}
