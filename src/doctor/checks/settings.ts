import { fail, ok, type Said } from '../finding.js';
import type { Observations } from '../observations.js';

/** The environment can be read as a start reads it. */
export function settings({ settings: problem }: Observations): readonly Said[] {
  if (problem === null) return [ok('The environment can be read.')];
  const why = 'Slipway does not start with it, and the checks that need it were left out.';
  return [fail(problem, why, 'Change the variable, then run `slipway doctor` again.')];
}
