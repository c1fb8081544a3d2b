import { z } from 'zod';
import { ENDPOINT_EVENTS } from './api-endpoint-events.js';
import type { DescribedEvent } from './api-event-envelope.js';
import { OWN_EVENTS } from './api-own-events.js';
import { PIVOTAL_EVENTS } from './api-pivotal-events.js';
import type { NewEventType } from './webhooks.js';

/** The only version there is; an incompatible change of a payload would be another one. */
export const SCHEMA_VERSION = '1';

export const DESCRIBED_EVENTS: readonly DescribedEvent[] = [...PIVOTAL_EVENTS, ...OWN_EVENTS, ...ENDPOINT_EVENTS];

/** Everything that the two applications of Slipway's own tell: JSON Schema 2020-12, from what the code is made of. */
export const CATALOGUE: readonly NewEventType[] = DESCRIBED_EVENTS.map((event) => ({
  name: event.name,
  description: descriptionOf(event),
  schemas: { [SCHEMA_VERSION]: jsonSchema(event) },
  groupName: event.group,
  archived: false,
  deprecated: false,
}));

/** A whole event of the type, to be copied or sent; undefined for a type that is not in the catalogue. */
export function exampleOf(type: string): DescribedEvent['example'] | undefined {
  return DESCRIBED_EVENTS.find(({ name }) => name === type)?.example;
}

/** What it says, and when it fires. */
export function descriptionOf({ says, fires }: DescribedEvent): string {
  return `${says} Fires ${fires.charAt(0).toLowerCase()}${fires.slice(1)}`;
}

/** As a receiver needs it, which must not refuse a field that is added: the schema of what may be said, not of all. */
function jsonSchema({ name, fires, schema, example }: DescribedEvent): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    // The format says it; the expression for it, leap years and all, is longer than the rest.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return { $schema, title: name, description: fires, ...rest, examples: [example] };
}
