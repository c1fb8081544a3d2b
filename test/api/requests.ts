import { anEscalation, anEvent, anOnboarding, DAY, iso, NOW } from './views.js';
import { World } from './world.js';

/** A body that each `POST` takes, by the last word of its path. A new route needs its own, or the tests of all routes fail. */
export const BODIES: Readonly<Record<string, object>> = {
  acknowledge: { by: 'mia' },
  snooze: { by: 'mia', for: '2 days' },
  resolve: { by: 'mia' },
  reassign: { by: 'mia', to: 'tom' },
  escalate: { by: 'mia' },
  note: { by: 'mia', note: 'x' },
  hold: { by: 'mia', state: 'waiting', reason: 'x' },
  release: { by: 'mia' },
  close: { by: 'mia', reason: 'x' },
  redeliver: {},
  tokens: { name: 'desk', role: 'operator' },
  revoke: { reason: 'Lost' },
  validate: { yaml: 'nonsense' },
  publish: { yaml: 'workspace:' },
  run: { by: 'mia' },
  rebuild: { by: 'mia', reason: 'x' },
  erasures: { customer_id: 'cus_1', by: 'mia', reason: 'Asked for' },
};

export const bodyOf = (path: string): object => BODIES[path.split('/').at(-1) ?? ''] ?? {};

/** The path with the id of something that is there in `aFullWorld`, or of something that is not. */
export function pathTo(path: string, what: 'there' | 'missing'): string {
  const isThere = what === 'there';
  const ids: Readonly<Record<string, string>> = {
    escalations: anEscalation(isThere ? 'onb_1' : 'nobody', isThere ? 1 : 9).id,
    events: isThere ? 'evt_1' : 'evt_404',
    tokens: isThere ? 'tok_1' : 'nobody',
    erasures: isThere ? 'era_1' : 'nobody',
    onboardings: isThere ? 'onb_1' : 'nobody',
  };
  const resource = /^\/api\/v1\/(\w+)/.exec(path)?.[1] ?? '';
  return path.replace('{id}', encodeURIComponent(ids[resource] ?? 'none'));
}

/** One of everything that the API shows. */
export function aFullWorld(): World {
  const world = new World();
  const escalation = anEscalation('onb_1', 1, {
    status: 'acknowledged',
    acknowledged: { by: 'mia', at: iso(NOW), expires_at: iso(NOW + DAY) },
    notes: [{ by: 'mia', at: iso(NOW), text: 'Called' }],
  });
  world.add(anOnboarding('onb_1', { escalations: [escalation, anEscalation('onb_1', 2)] }));
  world.archive.push(
    anEvent(1, 'onb_1'),
    anEvent(2, 'x', { route: null, status: 'unrouted', quarantined: 'unknown_shape', occurredAt: null }),
  );
  world.log.push({ seq: 1, at: NOW, what: { kind: 'opened', escalation: escalation.id }, text: 'Stuck.' });
  world.turnedAway.push({
    seq: '1',
    source: 'pivotal',
    reason: 'too_large',
    message: 'Large.',
    at: NOW,
    deliveryId: null,
    remote: null,
    bytes: 1,
  });
  world.token('old', 'viewer');
  world.erasure();
  return world;
}
