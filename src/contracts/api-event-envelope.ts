import { z } from 'zod';
import { instant } from './api-schema.js';

/** One event type as it is described to whoever subscribes. */
export interface DescribedEvent {
  readonly name: string;
  /** Where it stands in the catalogue, and what `group.*` names. */
  readonly group: string;
  /** What it says, in one sentence. */
  readonly says: string;
  /** When it fires, in one sentence. */
  readonly fires: string;
  readonly schema: z.ZodType;
  /** A whole event. It is of test mode, so that nobody takes one that was sent for trying out for a real one. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** Of every example; what is in it happened then. */
export const EXAMPLE_AT = '2027-01-14T09:00:00.000Z';

/** The one envelope. Fields may be added to it and to every object in it: receivers let pass what they do not know. */
export function eventSchema(name: string, object: z.ZodType, previous?: z.ZodType): z.ZodType {
  return z.object({
    id: z.string().describe('The same on every try and every replay: what came before under it came again.'),
    type: z.literal(name),
    timestamp: instant.describe('When it happened, not when it was sent.'),
    org: z.string().nullable().describe('The workspace of the sender of the events; null where none was said.'),
    livemode: z.boolean().describe('False in test mode and in examples.'),
    data: z.object({
      object: object.describe('The record.'),
      ...(previous && {
        previous_attributes: previous.describe('The values before, of what changed.').exactOptional(),
      }),
    }),
  });
}

export function exampleEvent(name: string, object: object, previous?: object): DescribedEvent['example'] {
  return {
    id: `evt_example_${name.replace(/\W/g, '_')}`,
    type: name,
    timestamp: EXAMPLE_AT,
    org: name.startsWith('endpoint.') || name.startsWith('webhook.') ? null : 'org_example',
    livemode: false,
    data: { object, ...(previous && { previous_attributes: previous }) },
  };
}
