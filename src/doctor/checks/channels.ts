import { ok, type Said, skipped, warn } from '../finding.js';
import type { Observations } from '../observations.js';

/** Every channel of the policy has what it needs to send. */
export function channels({ channels: seen }: Observations): readonly Said[] {
  if (seen === null) return [skipped('The channels were not looked at: the policy is not valid.')];
  if (seen.problems.length === 0)
    return [ok(seen.count === 1 ? 'The one channel can be used.' : `All ${seen.count} channels can be used.`)];
  return seen.problems.map((problem) =>
    warn(
      problem,
      'What is due through it fails, and goes to the fallback after two hours.',
      'Set the variable, then restart Slipway.',
    ),
  );
}
