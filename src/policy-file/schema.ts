import { z } from 'zod';
import { calendars, workspace } from './calendar-section.js';
import { channels, sources } from './channels-section.js';
import { ladders } from './ladders-section.js';
import { people, roles } from './people-section.js';
import { retention } from './retention-section.js';
import { webhooks } from './webhooks-section.js';
import { rules } from './rules-section.js';
import { section } from './section.js';
import { duration, durationOrOff, name, someText } from './words.js';

/** `slipway.yaml` as it is written: every key may be left out. What names refer to is checked in `cross-check.ts`. */
const DEFAULT_PHASES = [
  { name: 'kickoff', behind: '3 working days', stuck: '5 working days' },
  { name: 'integration', behind: '10 working days', stuck: '15 working days' },
  { name: 'uat', behind: '5 working days', stuck: '8 working days' },
  { name: 'launch', behind: '3 working days', stuck: '5 working days' },
  { name: 'adoption', behind: '20 working days', stuck: '30 working days' },
];

const phase = section({
  name: someText('Name of the phase as records give it.'),
  behind: duration(
    'Time in the phase after which an onboarding shows as behind. Default: that of `default_phase`.',
  ).optional(),
  stuck: duration('Time in the phase after which it counts as stuck. Default: that of `default_phase`.').optional(),
});

const defaultPhase = section({
  behind: duration('As in `phases`.').prefault('5 working days'),
  stuck: duration('As in `phases`.').prefault('10 working days'),
})
  .prefault({})
  .meta({
    description: 'Thresholds of a phase that `phases` does not name or gives none; such a phase counts as coming last.',
  });

const acknowledge = section({
  expires_after: duration('How long an acknowledge holds when nobody says otherwise.', { positive: true }).prefault(
    '3 working days',
  ),
})
  .prefault({})
  .meta({ description: 'What an acknowledge is worth.' });

const fallback = section({
  to: z
    .array(name('A role, a person or a channel.'))
    .prefault(['log'])
    .meta({ description: 'Whom to tell instead: as in a ladder.' }),
  channels: z.array(name('Name of a channel.')).prefault(['log']).meta({ description: 'Channels to tell them by.' }),
})
  .prefault({})
  .meta({ description: 'Serves a level on which nobody can be reached.' });

export const policySchema = section({
  workspace,
  calendars,
  phases: z.array(phase).prefault(DEFAULT_PHASES).meta({ description: 'Phases in the order of the life cycle.' }),
  default_phase: defaultPhase,
  states: z
    .record(
      z.string().min(1),
      z
        .enum(['active', 'paused', 'waiting', 'blocked', 'completed', 'closed'])
        .meta({ description: 'What the state named here means.' }),
    )
    .prefault({})
    .meta({
      description: "The workspace's own states and what they mean to the clocks. A state that is not mapped runs.",
    }),
  people,
  roles,
  sources,
  channels,
  ladders,
  rules,
  acknowledge,
  cool_down: duration('Time between two escalations of one rule.').prefault('1 working day'),
  still_true_after: durationOrOff(
    'When a condition that somebody resolved by hand and that still holds is told again; `off` = never.',
  ).prefault('10 working days'),
  settle: duration('How long a burst of old events holds messages back.', { wall: true }).prefault('2 minutes'),
  catch_up: duration('How long messages wait after Slipway was down, while the sender repeats what it missed.', {
    wall: true,
  }).prefault('30 minutes'),
  fallback,
  grace_after_completed: duration(
    'How long a completed onboarding is still listened to, in case it is sent back.',
  ).prefault('30 days'),
  retention,
  webhooks,
});

export type PolicyDocument = z.output<typeof policySchema>;
