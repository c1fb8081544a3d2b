import { CAST } from '../../src/simulator/cast.js';
import { bodyOf, type EventType, type JsonRecord } from '../../src/simulator/event.js';
import type { Message } from './parts/message.js';

export interface AlarmOptions {
  /** Ends every id, so that two scripts sent to one Slipway do not meet. */
  readonly tag: string;
  /** Onboardings that live side by side; when one ends, another begins. */
  readonly lives: number;
  /** Virtual epoch ms. */
  readonly now: () => number;
}

/** Each event of a life in turn: at risk at once, so that there is always somebody to be chased, and over before long. */
const LIFE: readonly (readonly [type: EventType, phase: string])[] = [
  ['onboarding.created', 'kickoff'],
  ['onboarding.at_risk', 'kickoff'],
  ['task.completed', 'kickoff'],
  ['onboarding.phase_changed', 'integration'],
  ['task.completed', 'integration'],
  ['onboarding.updated', 'integration'],
  ['task.completed', 'integration'],
  ['onboarding.back_on_track', 'integration'],
  ['onboarding.phase_changed', 'launch'],
  ['onboarding.launched', 'launch'],
  ['onboarding.completed', 'adoption'],
];
const ORG = 'org_alarms';

/** Each has one owner as long as it lives, and belongs to no customer. */
export const isAlarm = (onboarding: string): boolean => onboarding.startsWith('onb_alarm');

/** Messages without end about onboardings that are at risk, round about among those that live side by side. */
export function* alarmScript({ tag, lives, now }: AlarmOptions): Generator<Message, never> {
  for (let n = 0; ; n++) {
    const place = n % lives;
    const turn = Math.floor(n / lives);
    const life = Math.floor(turn / LIFE.length) * lives + place;
    yield message(`onb_alarm${life}_${tag}`, turn % LIFE.length, life, now());
  }
}

function message(onboarding: string, step: number, life: number, at: number): Message {
  const [type, phase] = LIFE[step] as (typeof LIFE)[number];
  const id = `evt_${onboarding}_${step}`;
  const owner = CAST[life % 3]?.email ?? null;
  const record: JsonRecord =
    type === 'task.completed'
      ? { id: `tsk_${id}`, onboarding_id: onboarding, title: `Check item ${step}`, completed_by: 'system' }
      : { id: onboarding, name: `Alarm ${life}`, phase, state: 'active', owner_email: owner };
  const body = bodyOf({ id, type, at, org: ORG, livemode: true, record, previous: null }, 'envelope');
  return { id: `msg_${id}`, eventId: id, type, subject: { kind: 'onboarding', id: onboarding }, body };
}
