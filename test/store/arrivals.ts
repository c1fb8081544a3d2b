import type { Arrival } from '../../src/contracts/inbox.js';

/** Monday 2026-11-23 09:00 in Berlin. */
export const MONDAY_9AM = Date.parse('2026-11-23T08:00:00Z');

/** An event about an onboarding, heard a second after it happened. */
export function arrival(id: string, onboarding = 'onb_1', change: Partial<Arrival> = {}): Arrival {
  const heardAt = MONDAY_9AM;
  return {
    source: 'pivotal',
    eventId: id,
    deliveryId: `msg_${id}`,
    type: 'onboarding.phase_changed',
    body: Buffer.from(
      JSON.stringify({ id, type: 'onboarding.phase_changed', data: { object: { id: onboarding, phase: 'uat' } } }),
    ),
    headers: { 'svix-id': `msg_${id}`, 'svix-timestamp': '1795420800', 'svix-signature': 'v1,x' },
    secret: 'default',
    receivedAt: heardAt,
    receivedVirtual: heardAt,
    occurredAt: heardAt - 1_000,
    route: {
      to: 'onboarding',
      key: { workspace: 'main', mode: 'live', id: onboarding },
      fact: {
        id,
        source: 'pivotal',
        type: 'onboarding.phase_changed',
        kind: 'moved',
        at: heardAt - 1_000,
        heardAt,
        record: { phase: 'uat', name: 'Acme', customerId: 'cus_1' },
        previous: { phase: 'integration' },
      },
    },
    org: 'org_1',
    ...change,
  };
}

/** One of no workflow. */
export function ping(id: string): Arrival {
  const { route: _route, ...rest } = arrival(id);
  return { ...rest, type: 'webhook.ping' };
}
