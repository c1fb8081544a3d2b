import { ok, type Said, skipped, warn } from '../finding.js';
import type { ChannelsSeen, Observations } from '../observations.js';

/** Every channel of the policy has what it needs to send, and together they reach the people they are there for. */
export function channels({ channels: seen }: Observations): readonly Said[] {
  if (seen === null) return [skipped('The channels were not looked at: the policy is not valid.')];
  const broken = seen.problems.map((problem) =>
    warn(
      problem,
      'What is due through it fails, and goes to the fallback after two hours.',
      'Set the variable, then restart Slipway.',
    ),
  );
  const found = [...broken, ...unreached(seen.logAlone)];
  if (found.length > 0) return found;
  return [ok(seen.count === 1 ? 'The one channel can be used.' : `All ${seen.count} channels can be used.`)];
}

function unreached(who: ChannelsSeen['logAlone']): readonly Said[] {
  if (who.length === 0) return [];
  return [
    who === 'everybody'
      ? warn(
          'No channel reaches a person: `log` is the only one.',
          'Every chase is a line of the log, and counts as sent.',
          'Add a channel of type email or webhook under `channels`, and an address or `channels` to each of `people`.',
        )
      : warn(
          `No channel but \`log\` reaches ${who.join(', ')}.`,
          'What they are to be told is a line of the log, and counts as sent.',
          'Give each of them `channels`, or `emails` and the policy a channel of type email.',
        ),
  ];
}
