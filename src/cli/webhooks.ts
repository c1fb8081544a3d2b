import type { Command } from 'commander';
import type { EndpointAnswer, Listed } from './webhook-answers.js';
import { clean } from './text.js';

/** The application that tells what Slipway knows. */
const OWN = 'slipway';

export interface OfApp {
  readonly app: string;
}

export const withApp = (command: Command): Command =>
  command.option('--app <application>', 'whose: slipway, slipway-test for test mode, or another by its id or uid', OWN);

export const appPath = ({ app }: OfApp): string => `/api/v1/app/${encodeURIComponent(app)}`;

export const endpointPath = (of: OfApp, id: string): string => `${appPath(of)}/endpoint/${encodeURIComponent(id)}`;

/** To be typed behind a command that is shown, where it is not about what goes without saying. */
export const appOption = ({ app }: OfApp): string => (app === OWN ? '' : ` --app ${clean(app)}`);

/** The console goes on behind an `iterator`; the command line calls that a cursor, as everywhere. */
export const pageQuery = ({ limit, cursor }: { readonly limit?: string; readonly cursor?: string }) => ({
  limit,
  iterator: cursor,
});

export const moreOf = ({ done, iterator }: Listed<unknown>): string =>
  done || iterator === null ? '' : `More: --cursor ${clean(iterator)}\n`;

/** `escalation.*, onboarding.stuck`. */
export const typesText = ({ filterTypes }: Pick<EndpointAnswer, 'filterTypes'>): string =>
  filterTypes?.join(', ') ?? 'every event type';

const DISABLED = {
  operator: 'disabled',
  receiver: 'disabled by its receiver',
  failing: 'disabled after failing',
} as const;

export const stateText = ({ disabled, disabledBy }: Pick<EndpointAnswer, 'disabled' | 'disabledBy'>): string =>
  disabled ? DISABLED[disabledBy ?? 'operator'] : 'enabled';

/** JSON for reading, each line behind two blanks and without what would steer a terminal. */
export const jsonLines = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => `  ${clean(line)}\n`)
    .join('');
