import { z } from 'zod';
import type { EscalationType, OnboardingType } from '../domain/outgoing/own-types.js';
import { EscalationSchema } from './api-escalations.js';
import { type DescribedEvent, eventSchema, exampleEvent } from './api-event-envelope.js';
import { OnboardingSchema } from './api-onboardings.js';
import { ACKNOWLEDGED, MOVED_TARGET, OPEN, RESOLVED, SNOOZED, STUCK } from './api-own-examples.js';
import { civilDate } from './api-schema.js';

interface Described {
  readonly says: string;
  readonly fires: string;
  readonly object: object;
  readonly previous?: object;
}

const ESCALATIONS: Readonly<Record<EscalationType, Described>> = {
  'escalation.opened': {
    says: 'Somebody has to act on an onboarding: an escalation opened.',
    fires:
      'With the first message of it that left, or the first acknowledge, snooze or resolve by a person; `timestamp` is when it opened. One that ends by itself before that is never told.',
    object: OPEN,
  },
  'escalation.notified': {
    says: 'A message of an escalation reached a recipient.',
    fires: 'Once for each message that left; the one of `object.sends` with `at` equal to `timestamp` is it.',
    object: OPEN,
  },
  'escalation.acknowledged': {
    says: 'Somebody has it: nothing more is sent until the acknowledge expires.',
    fires:
      'When a person acknowledges an escalation, again when they do so again; one for each of those taken together.',
    object: ACKNOWLEDGED,
    previous: { status: 'open' },
  },
  'escalation.snoozed': {
    says: 'Somebody put an escalation off.',
    fires: 'When a person snoozes an escalation. That the snooze ended is not told: the next message is.',
    object: SNOOZED,
    previous: { status: 'open' },
  },
  'escalation.resolved': {
    says: 'An escalation is over.',
    fires: 'Once: when a person resolves it, or when what it was about has ended, which `resolved.by` null tells.',
    object: RESOLVED,
    previous: { status: 'open' },
  },
};

const ONBOARDINGS: Readonly<Record<OnboardingType, Described>> = {
  'onboarding.health_changed': {
    says: 'The health of an onboarding became another one.',
    fires:
      'When the strongest of done, waiting, at_risk, stuck, behind and on_track that holds is another one than was told last. Health is a level: what it was for a moment in between is not told.',
    object: STUCK,
    previous: { health: 'behind' },
  },
  'onboarding.stuck': {
    says: 'An onboarding has become stuck in its phase.',
    fires: 'Beside `onboarding.health_changed`, when the health becomes stuck.',
    object: STUCK,
    previous: { health: 'behind' },
  },
  'onboarding.target_moved': {
    says: 'The target launch date moved.',
    fires: 'Once for each change after the first promise, when a record shows it; no event of Pivotal tells it.',
    object: MOVED_TARGET,
    previous: { target: { latest: '2027-06-30' } },
  },
};

const previousStatus = EscalationSchema.pick({ status: true });
const previousOnboarding = z.object({
  health: OnboardingSchema.shape.health
    .nullable()
    .describe('Null where nothing was told of it before.')
    .exactOptional(),
  target: z.object({ latest: civilDate.nullable() }).exactOptional(),
});

const described = (
  group: string,
  events: Readonly<Record<string, Described>>,
  schema: z.ZodType,
  before: z.ZodType,
): readonly DescribedEvent[] =>
  Object.entries(events).map(([name, { says, fires, object, previous }]) => {
    const example = exampleEvent(name, object, previous);
    return { name, group, says, fires, schema: eventSchema(name, schema, before), example };
  });

/** What Slipway tells of its own work; the objects are those that the console API answers with. */
export const OWN_EVENTS: readonly DescribedEvent[] = [
  ...described('escalation', ESCALATIONS, EscalationSchema, previousStatus),
  ...described('onboarding', ONBOARDINGS, OnboardingSchema, previousOnboarding),
];
