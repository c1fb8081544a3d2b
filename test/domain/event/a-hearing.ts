import type { PivotalEvent } from '../../../src/domain/event/envelope.js';
import { isQuarantined, parseEvent } from '../../../src/domain/event/envelope.js';
import type { Hearing } from '../../../src/domain/event/route.js';

export const HEARD_AT = Date.UTC(2026, 10, 2, 12);

export const HEARING: Hearing = {
  source: 'pivotal',
  workspace: 'main',
  sourceMode: 'live',
  heardAt: HEARD_AT,
  fallbackAt: HEARD_AT - 1000,
};

/** Parses what must be readable. */
export function parsed(json: unknown): PivotalEvent {
  const event = parseEvent(json);
  if (isQuarantined(event)) throw new Error('quarantined');
  return event;
}

/** One event as each of the four dialects writes it. */
export function inDialects(
  type: string,
  record: object,
  previous: object,
): Readonly<Record<'A' | 'B' | 'C' | 'D', object>> {
  const at = '2026-11-02T09:15:30.250Z';
  return {
    A: {
      id: 'evt_1',
      type,
      created_at: at,
      org_id: 'org_3dN',
      livemode: true,
      api_version: 'v1',
      data: { object: record, previous_attributes: previous },
    },
    B: {
      id: 'evt_1',
      type,
      timestamp: at,
      org: { id: 'org_3dN' },
      data: { object: record, previous_attributes: previous },
    },
    C: { id: 'evt_1', type, created_at: at, data: { ...record, object: 'onboarding', previous_attributes: previous } },
    D: { id: 'evt_1', type, data: { object: record } },
  };
}
