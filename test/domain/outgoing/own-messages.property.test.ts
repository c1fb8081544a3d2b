import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/domain/outgoing/message.js';
import { OFFICE } from '../../support/office-policy.js';
import { happenings } from '../../support/random-life.js';
import { policyOf } from '../../support/story.js';
import { livedThrough, read, type Snapshot, TellingStore } from './projections.js';

const POLICY = policyOf(OFFICE);
const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 150) };

const ofEscalations = (messages: readonly OutgoingMessage[]) =>
  messages
    .filter(({ type }) => type.startsWith('escalation.'))
    .map((message) => ({ id: message.id, type: message.type, timestamp: read(message).timestamp }));

/** Every projection that could be made. */
function uncut(life: readonly Snapshot[]): TellingStore {
  const store = new TellingStore();
  for (const snapshot of life) store.write(snapshot);
  return store;
}

/** Which snapshots were projected, and how often; the last one always was. What the state let go of must not be skipped. */
const cuts = fc.infiniteStream(fc.constantFrom(0, 0, 0, 1, 1, 2, 3));

function cut(life: readonly Snapshot[], times: Iterator<number>, store = new TellingStore()): TellingStore {
  for (const [index, snapshot] of life.entries()) {
    const wanted = times.next().value as number;
    const next = life[index + 1];
    const lets = next && snapshot.escalations.some(({ id }) => !next.escalations.some((one) => one.id === id));
    const projected = !next || lets ? Math.max(1, wanted) : wanted;
    for (let n = 0; n < projected; n++) store.write({ ...snapshot, revision: snapshot.revision * 10 + n });
  }
  return store;
}

describe('what is told of any life', () => {
  it('is the same of its escalations, in the same order, however it is cut into projections and repeated', () => {
    fc.assert(
      fc.property(happenings, cuts, (list, stream) => {
        const life = livedThrough(POLICY, list);

        expect(ofEscalations(cut(life, stream[Symbol.iterator]()).messages)).toEqual(
          ofEscalations(uncut(life).messages),
        );
      }),
      RUNS,
    );
  });

  it('tells that an escalation opened before anything else of it, and the rest only with that', () => {
    fc.assert(
      fc.property(happenings, cuts, (list, stream) => {
        const life = livedThrough(POLICY, list);

        const seen = new Set<string>();
        for (const message of cut(life, stream[Symbol.iterator]()).messages) {
          if (!message.type.startsWith('escalation.')) continue;
          const { id } = read(message).data.object;
          if (message.type === 'escalation.opened') expect(seen.has(id)).toBe(false);
          else expect(seen.has(id)).toBe(true);
          seen.add(id);
        }
      }),
      RUNS,
    );
  });

  it('tells each send that left once, each resolve once, and nothing of what ended by itself before anybody heard', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = livedThrough(POLICY, list);
        const { messages } = uncut(life);

        const log = life.at(-1)?.log ?? [];
        const left = log.filter(
          ({ what }) => what.kind === 'concluded' && what.result.outcome === 'sent' && what.send.includes('/notified/'),
        );
        expect(messages.filter(({ type }) => type === 'escalation.notified')).toHaveLength(left.length);
        for (const view of life.at(-1)?.escalations ?? []) {
          const types = messages.filter((one) => read(one).data.object.id === view.id).map(({ type }) => type);
          expect(types.filter((type) => type === 'escalation.resolved').length).toBe(
            view.status === 'resolved' && types.length > 0 ? 1 : 0,
          );
          const wasAsked = log.some(
            ({ what }) =>
              what.kind === 'action' &&
              'escalationId' in what.action &&
              what.action.escalationId === view.id &&
              ['acknowledge', 'snooze', 'resolve'].includes(what.action.verb),
          );
          const wasSent = left.some(({ what }) => what.kind === 'concluded' && what.send.startsWith(`${view.id}/`));
          const inherited = view.rule === 'stuck_in_phase' && types.length > 0;
          if (!inherited) expect(types.length > 0).toBe(wasAsked || wasSent);
        }
      }),
      RUNS,
    );
  });

  it('gives no two things one id', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const store = new TellingStore();
        const told = livedThrough(POLICY, list).flatMap((snapshot) => store.write(snapshot));

        const things = new Map<string, unknown>();
        for (const message of told) {
          const { type, timestamp, data } = read(message);
          // A target that late events took away and gave back is the same move, whenever it is worked out.
          const thing = { type, timestamp, about: data.object.id };
          if (type === 'onboarding.target_moved') expect(things.get(message.id) ?? thing).toEqual(thing);
          else expect(things.has(message.id)).toBe(false);
          things.set(message.id, thing);
        }
      }),
      RUNS,
    );
  });

  it('tells of health from one to the next without a gap, ending at what it is, and of each target once', () => {
    fc.assert(
      fc.property(happenings, cuts, (list, stream) => {
        const life = livedThrough(POLICY, list);
        const { messages } = cut(life, stream[Symbol.iterator]());

        let health: unknown = null;
        for (const { type, timestamp, data } of messages.map(read)) {
          if (type === 'onboarding.stuck') expect([health, data.object.health]).toEqual(['stuck', 'stuck']);
          if (type !== 'onboarding.health_changed') continue;
          if (health !== null) expect(data.previous_attributes).toEqual({ health });
          health = data.object.health;
          expect(Date.parse(timestamp)).toBeLessThanOrEqual(life.at(-1)?.at ?? 0);
        }
        expect(health ?? 'on_track').toBe(life.at(-1)?.view.health ?? 'on_track');
        const shifts = life.at(-1)?.view.target.shifts ?? [];
        const moved = messages.filter(({ type }) => type === 'onboarding.target_moved').map(read);
        for (const { at, to } of shifts)
          expect(
            moved.some((one) => one.timestamp === at && one.data.object.target.shifts.some((s) => s.to === to)),
          ).toBe(true);
      }),
      RUNS,
    );
  });
});
