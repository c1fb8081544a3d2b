import { z } from 'zod';
import { section } from './section.js';
import { duration, name } from './words.js';

/** The ten rules, each with its ladder, severity and thresholds, or `off`. */
interface RuleDefaults {
  readonly ladder: 'nudge' | 'urgent';
  readonly severity: 'normal' | 'high';
}
const NORMAL: RuleDefaults = { ladder: 'nudge', severity: 'normal' };
const HIGH: RuleDefaults = { ladder: 'urgent', severity: 'high' };

function rule<T extends z.ZodRawShape>(description: string, defaults: RuleDefaults, thresholds: T) {
  const shape = {
    ladder: name('Ladder to climb.').prefault(defaults.ladder),
    severity: z
      .enum(['normal', 'high'])
      .prefault(defaults.severity)
      .meta({ description: 'A high one waits less after an outage.' }),
    any_hour: z
      .boolean()
      .prefault(false)
      .meta({ description: 'Whether its messages may reach people outside their working hours.' }),
    ...thresholds,
  };
  return z
    .union([z.literal('off'), section(shape)], {
      error: 'must be "off" or the settings of the rule, such as { ladder: nudge }',
    })
    .prefault({} as never)
    .meta({ description });
}

const WAIT = '10 working days';
const perHold = section({
  waiting: duration('For `waiting`.').prefault(WAIT),
  blocked: duration('For `blocked`.').prefault(WAIT),
  paused: duration('For `paused`.').prefault(WAIT),
});
const waitingAfter = z
  .union([duration('For all three holds.'), perHold], {
    error: 'must be one length of time, or one for each of waiting, blocked and paused',
  })
  .transform((after) => ('amount' in after ? { waiting: after, blocked: after, paused: after } : after))
  .prefault(WAIT)
  .meta({ description: 'How long a hold may last: one time, or `{ waiting, blocked, paused }`.' });

export const rules = section({
  stuck_in_phase: rule('An onboarding stays in its phase longer than `stuck` of that phase.', NORMAL, {}),
  no_activity: rule('No phase, state, target, owner or task of it changes.', NORMAL, {
    after: duration('How long nothing may happen.').prefault('5 working days'),
  }),
  at_risk: rule('It is flagged at risk and nobody acts.', HIGH, {
    after: duration('How long after the flag.').prefault('0 minutes'),
  }),
  target_near: rule('Its target date is near and phases are left.', NORMAL, {
    within: duration('How long before the target date.').prefault('5 working days'),
  }),
  target_passed: rule('Its target date has passed before the launch.', HIGH, {}),
  target_moved: rule('Its target date was moved too often or too far within a phase.', NORMAL, {
    times: z.int().min(1).max(1000).prefault(3).meta({ description: 'How many moves within a phase are too many.' }),
    days: z.int().min(1).max(3660).prefault(7).meta({ description: 'A move by more days than this is too far.' }),
  }),
  waiting_too_long: rule('It stays waiting, blocked or paused.', NORMAL, { after: waitingAfter }),
  launched_not_completed: rule('It was launched and is not completed.', NORMAL, {
    after: duration('How long after the launch.').prefault('20 working days'),
  }),
  customer_at_risk: rule('Its customer is flagged at risk, or the health score drops.', HIGH, {}),
  customer_churned: rule('Its customer churned or was archived.', NORMAL, {}),
})
  .prefault({})
  .meta({
    description: 'When to chase somebody. A rule that is not named works with its defaults; `off` turns it off.',
  });
