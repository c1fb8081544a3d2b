import { fail, ok, type Said, skipped, warn } from '../finding.js';
import type { Observations } from '../observations.js';

const SHOWN = 3;

/** The file of the policy is valid and says what is in force. */
export function policy({ policy: seen }: Observations): readonly Said[] {
  if (seen === null) return [skipped('The policy was not read.')];
  const { path, hash, problems, changes } = seen;
  if (hash === null)
    return [
      fail(`${path} is not valid: ${problems.join(' ')}`, 'Slipway does not start with it.', 'Mend the lines named.'),
    ];
  if (changes === null) return [ok(`${path} is valid (${hash}).`)];
  if (changes.length === 0) return [ok(`${path} is valid and in force (${hash}).`)];
  const more = changes.length > SHOWN ? ` and ${changes.length - SHOWN} more` : '';
  return [
    warn(
      `${path} is not what is in force: ${changes.slice(0, SHOWN).join('; ')}${more}.`,
      'A policy was published since, or the file was changed and is not published.',
      `\`slipway policy diff ${path}\` shows all of it; \`slipway policy publish ${path}\` puts it into force, \`slipway policy show\` prints what is.`,
    ),
  ];
}
