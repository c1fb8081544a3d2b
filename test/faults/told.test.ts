import { describe, expect, it } from 'vitest';
import type { Escalation } from '../../src/contracts/api.js';
import { ownEventId } from '../../src/domain/outgoing/own-id.js';
import type { Observed } from './parts/observe.js';
import type { Told } from './parts/subscription.js';
import { eachTold } from './parts/told.js';

const KEY = 'esc_1/notified/1/0/hook/mia';
const observed = {
  archive: new Map([
    ['evt_1', [{ id: 'evt_1', type: 'onboarding.created', status: 'signalled', workflow_id: 'onboarding/main/onb_1' }]],
    ['evt_2', [{ id: 'evt_2', type: 'task.created', status: 'signalled', workflow_id: 'onboarding/main/onb_1' }]],
    ['evt_3', [{ id: 'evt_3', type: 'task.completed', status: 'quarantined', workflow_id: null }]],
  ]),
  escalations: [{ sends: [{ key: KEY, kind: 'notified', status: 'sent' }] }] as unknown as readonly Escalation[],
} as unknown as Observed;

const told: Told = {
  listed: new Map([
    ['msg_1', { type: 'onboarding.created', eventId: 'evt_1' }],
    ['msg_2', { type: 'escalation.notified', eventId: ownEventId('notified', KEY) }],
  ]),
  succeeded: new Map([
    ['msg_1', 1],
    ['msg_2', 1],
  ]),
  came: new Map([
    ['msg_1', 1],
    ['msg_2', 2],
  ]),
  forged: [],
};
const found = (more: Partial<Told>) => eachTold({ ...told, ...more }, observed).violations;
const without = (key: string, map: ReadonlyMap<string, number>) => new Map([...map].filter(([id]) => id !== key));

describe('what is judged of outgoing messages (I10)', () => {
  it('holds where all was told and arrived, and counts repeats', () => {
    expect(eachTold(told, observed)).toMatchObject({ n: 2, violations: [], note: '1 repeats under one id' });
  });

  it.each<[string, Partial<Told>, string]>([
    [
      'was never made',
      { listed: new Map([...told.listed].slice(1)), came: without('msg_1', told.came) },
      'event evt_1 was never told',
    ],
    [
      'was never told of a send',
      { listed: new Map([...told.listed].slice(0, 1)), came: without('msg_2', told.came) },
      `${KEY} was sent was never told`,
    ],
    ['never arrived', { came: without('msg_1', told.came) }, 'msg_1 (onboarding.created) never arrived'],
    ['is none of its own', { came: new Map([...told.came, ['msg_9', 1]]) }, 'msg_9 arrived and is in no list'],
    ['did not verify', { forged: ['msg_9'] }, 'msg_9 arrived and did not verify'],
    ['is not in the log', { succeeded: without('msg_2', told.succeeded) }, 'the log has 0 attempts of msg_2'],
    ['succeeded twice', { succeeded: new Map([...told.succeeded, ['msg_2', 2]]) }, 'the log has 2 attempts of msg_2'],
  ])('finds a message that %s', (_, plant, sentence) => {
    expect(found(plant)).toEqual([expect.stringContaining(sentence)]);
  });
});
