import { fail, ok, type Said, warn } from '../finding.js';
import type { Observations } from '../observations.js';

/** Whether a Slipway runs here. That none does is no fault: the rest is looked at as far as it can be. */
export function running({ console: { url, state, version, warnings } }: Observations): readonly Said[] {
  const told = warnings.map((warning) =>
    warn(
      warning,
      'The running Slipway says so of itself.',
      'Do what the sentence says; `slipway doctor` tells when it is gone.',
    ),
  );
  switch (state) {
    case 'up':
      return [ok(`Slipway ${version ?? ''} answers at ${url}.`), ...told];
    case 'down':
      return [ok(`No Slipway runs at ${url}: what needs one is left out.`)];
    case 'locked':
      return [
        warn(
          `The console at ${url} wants another token.`,
          'Its own warnings could not be read.',
          'Set SLIPWAY_API_TOKEN to the token that it was started with.',
        ),
      ];
    case 'foreign':
      return [
        fail(
          `What answers at ${url} is no Slipway.`,
          'The console cannot listen there.',
          'Stop the other program, or set SLIPWAY_CONSOLE_PORT to a free port.',
        ),
      ];
  }
}
