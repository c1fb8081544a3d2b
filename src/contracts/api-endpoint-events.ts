import { z } from 'zod';
import { type ENDPOINT_TYPES, PING_TYPE } from '../domain/outgoing/own-types.js';
import { type DescribedEvent, eventSchema, exampleEvent } from './api-event-envelope.js';
import { count } from './api-schema.js';

/** An endpoint as these events show it: its address without path or query, which may hold a secret. */
export const EndpointStanding = z.object({
  id: z.string().describe('`ep_…`'),
  application_id: z.string().describe('`app_…`'),
  host: z.string().describe('The host of its URL alone.'),
  failures: count.describe('Deliveries one after another that used up all their tries.'),
  reason: z.string().nullable().describe('Why, in words.'),
});
const Ping = z.object({ endpoint_id: z.string().describe('The endpoint that was made.') });

const ENDPOINT = { id: 'ep_example', application_id: 'app_slipway', host: 'hooks.example.com' };

const EVENTS: Readonly<
  Record<(typeof ENDPOINT_TYPES)[number], Pick<DescribedEvent, 'says' | 'fires'> & { object: object }>
> = {
  'endpoint.failing': {
    says: 'Deliveries to an endpoint keep failing.',
    fires: 'At 50, 70 and 90 deliveries in a row that used up all their tries; at 100 the endpoint is disabled.',
    object: { ...ENDPOINT, failures: 50, reason: '50 deliveries in a row used up all their tries.' },
  },
  'endpoint.disabled': {
    says: 'Nothing is sent to an endpoint any more.',
    fires:
      'When an endpoint is disabled after 100 failed deliveries in a row, or because its receiver said so (410, or `webhook-delivery: disable`).',
    object: { ...ENDPOINT, failures: 100, reason: '100 deliveries in a row used up all their tries.' },
  },
};

/** Of the sending itself. They go to the application `slipway`, whichever application the endpoint is of. */
export const ENDPOINT_EVENTS: readonly DescribedEvent[] = [
  ...Object.entries(EVENTS).map(([name, { says, fires, object }]) => ({
    name,
    group: 'endpoint',
    says,
    fires,
    schema: eventSchema(name, EndpointStanding),
    example: exampleEvent(name, object),
  })),
  {
    name: PING_TYPE,
    group: 'webhook',
    says: 'An endpoint was made, and can be reached.',
    fires: 'Once, to a new endpoint of `slipway` or `slipway-test` and to no other, whatever types it wants.',
    schema: eventSchema(PING_TYPE, Ping),
    example: exampleEvent(PING_TYPE, { endpoint_id: ENDPOINT.id }),
  },
];
