import type { Mode } from '../policy/policy-file.js';
import type { PivotalEvent } from './envelope.js';
import { meaningOf } from './event-types.js';
import type { CustomerFact, CustomerFactKind, Fact, FactKind } from './fact.js';
import { identity, own } from './fields.js';
import type { EntityKey } from './key.js';
import {
  contactFields,
  customerFields,
  fieldsOfPart,
  onboardingFields,
  previousFields,
  previousScore,
  taskOf,
} from './record-fields.js';

/** Which workflow an event goes to, and what it says there. */
export type Route =
  | { readonly to: 'onboarding'; readonly key: EntityKey; readonly fact: Fact }
  | { readonly to: 'customer'; readonly key: EntityKey; readonly fact: CustomerFact };

/** Where and when an event was heard. Instants virtual, epoch ms. */
export interface Hearing {
  readonly source: string;
  readonly workspace: string;
  readonly sourceMode: Mode;
  readonly heardAt: number;
  /** When it happened, where the event itself does not say (design section 5, "Clock"). */
  readonly fallbackAt: number;
}

/**
 * Leads an event to its onboarding or customer. Undefined where it concerns neither (a ping, a record without a usable
 * id): it is kept and answered 200 all the same.
 *
 * A record that carries `onboarding_id` is a part of that onboarding whatever its type; an onboarding's own record does
 * not carry it. Never throws.
 */
export function routeEvent(event: PivotalEvent, hearing: Hearing): Route | undefined {
  const meaning = meaningOf(event.type);
  switch (meaning.about) {
    case 'onboarding':
      return toOnboarding(event, hearing, meaning.kind, idOf(event, 'onboarding_id') ?? idOf(event, 'id'));
    case 'task':
      return partOfOnboarding(event, hearing, meaning.kind) ?? partOfCustomer(event, hearing);
    case 'customer':
      return toCustomer(event, hearing, meaning.kind, idOf(event, 'id') ?? idOf(event, 'customer_id'));
    case 'contact':
      return toCustomer(event, hearing, meaning.kind, idOf(event, 'customer_id'));
    case 'anything':
      return byRecord(event, hearing);
    case 'nothing':
      return undefined;
  }
}

/** Test mode is the source's, or the event's own word: never the other way round. */
export function modeOf(event: PivotalEvent, sourceMode: Mode): Mode {
  return sourceMode === 'test' || event.livemode === false ? 'test' : 'live';
}

function byRecord(event: PivotalEvent, hearing: Hearing): Route | undefined {
  const part = partOfOnboarding(event, hearing, 'record');
  if (part) return part;
  const object = own(event.record, 'object');
  const isOnboarding =
    typeof object === 'string' ? object === 'onboarding' : typeof own(event.record, 'phase') === 'string';
  if (isOnboarding) return toOnboarding(event, hearing, 'record', idOf(event, 'id'));
  return partOfCustomer(event, hearing);
}

function partOfOnboarding(event: PivotalEvent, hearing: Hearing, kind: FactKind): Route | undefined {
  const id = idOf(event, 'onboarding_id');
  if (id === undefined) return undefined;
  const fact = { ...heard(event, hearing), kind, record: fieldsOfPart(event.record, event.org), previous: {} };
  const task = kind === 'task' ? { task: taskOf(event.record, event.id) } : {};
  return { to: 'onboarding', key: keyOf(event, hearing, id), fact: { ...fact, ...task } };
}

function toOnboarding(
  event: PivotalEvent,
  hearing: Hearing,
  kind: FactKind,
  id: string | undefined,
): Route | undefined {
  if (id === undefined) return undefined;
  const record = onboardingFields(event.record, event.org);
  const previous = previousFields(event.previous, event.record);
  return {
    to: 'onboarding',
    key: keyOf(event, hearing, id),
    fact: { ...heard(event, hearing), kind, record, previous },
  };
}

function partOfCustomer(event: PivotalEvent, hearing: Hearing): Route | undefined {
  const id = idOf(event, 'customer_id');
  if (id === undefined) return undefined;
  return {
    to: 'customer',
    key: keyOf(event, hearing, id),
    fact: { ...heard(event, hearing), kind: 'record', record: {}, previous: {} },
  };
}

function toCustomer(
  event: PivotalEvent,
  hearing: Hearing,
  kind: CustomerFactKind,
  id: string | undefined,
): Route | undefined {
  if (id === undefined) return undefined;
  const isContact = kind === 'contact';
  const record = isContact ? contactFields(event.record, event.org) : customerFields(event.record, event.org);
  const previous = isContact ? {} : previousScore(event.previous, event.record, kind === 'health_dropped');
  return { to: 'customer', key: keyOf(event, hearing, id), fact: { ...heard(event, hearing), kind, record, previous } };
}

/** An instant later than the receipt is a clock that runs ahead: the receipt counts, and the original is shown. */
function heard(event: PivotalEvent, hearing: Hearing) {
  const { source, heardAt } = hearing;
  const saidAt = event.occurredAt ?? hearing.fallbackAt;
  const at = Math.min(saidAt, heardAt);
  return { id: event.id, source, type: event.type, at, heardAt, ...(saidAt > heardAt ? { saidAt } : {}) };
}

function keyOf(event: PivotalEvent, hearing: Hearing, id: string): EntityKey {
  return { workspace: hearing.workspace, mode: modeOf(event, hearing.sourceMode), id };
}

function idOf(event: PivotalEvent, name: string): string | undefined {
  return identity(own(event.record, name));
}
