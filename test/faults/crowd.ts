import { bodyOf } from '../../src/simulator/event.js';
import type { Message } from './parts/message.js';

const ORG = 'org_crowd';

/** Customers of whom nothing more is heard. Each is a workflow that stays, and takes a place in a worker's memory. */
export function crowd(count: number, tag: string, at: number): readonly Message[] {
  return Array.from({ length: count }, (_, nth) => {
    const customer = `cus_crowd${nth}_${tag}`;
    const id = `evt_${customer}`;
    const type = 'customer.created';
    const record = { id: customer, name: `Customer ${nth}` };
    const body = bodyOf({ id, type, at, org: ORG, livemode: true, record, previous: null }, 'envelope');
    return { id: `msg_${id}`, eventId: id, type, subject: { kind: 'customer', id: customer }, body };
  });
}
