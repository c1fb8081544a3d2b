import { ownEventId } from '../../../src/domain/outgoing/own-id.js';
import { PIVOTAL_TYPES } from '../../../src/domain/outgoing/reemission.js';
import type { Finding } from './finding.js';
import type { Observed } from './observe.js';
import type { Told } from './subscription.js';

const TOLD_ON: ReadonlySet<string | null> = new Set(PIVOTAL_TYPES);

/**
 * I10: every event of the archive that is told on, and every message to a person that left, was told to who subscribed;
 * each message arrived, nothing else did, and the log has one success of each.
 */
export function eachTold({ listed, succeeded, came, forged }: Told, observed: Observed): Finding {
  const known = new Set([...listed.values()].map(({ eventId }) => eventId));
  const ids = [...listed.keys()];
  const violations = [
    ...eventsOf(observed).flatMap((id) => (known.has(id) ? [] : [`event ${id} was never told`])),
    ...sendsOf(observed).flatMap((key) =>
      known.has(ownEventId('notified', key)) ? [] : [`that ${key} was sent was never told`],
    ),
    ...ids.flatMap((id) => (came.has(id) ? [] : [`${id} (${listed.get(id)?.type}) never arrived`])),
    ...ids.flatMap((id) => wrongLog(id, succeeded.get(id) ?? 0)),
    ...[...came.keys()].flatMap((id) => (listed.has(id) ? [] : [`${id} arrived and is in no list`])),
    ...forged.map((id) => `${id} arrived and did not verify`),
  ];
  const repeats = ids.reduce((sum, id) => sum + Math.max(0, (came.get(id) ?? 0) - 1), 0);
  const note = `${repeats} repeats under one id`;
  return { id: 'I10', what: 'outgoing messages lost or odd', n: listed.size, violations, note };
}

const wrongLog = (id: string, successes: number): string[] =>
  successes === 1 ? [] : [`the log has ${successes} attempts of ${id} that succeeded`];

function eventsOf({ archive }: Observed): readonly string[] {
  return [...archive].flatMap(([id, rows]) => {
    const isTold = rows.some(
      ({ status, type, workflow_id }) =>
        (status === 'signalled' || status === 'late') && TOLD_ON.has(type) && !workflow_id?.startsWith('test/'),
    );
    return isTold ? [id] : [];
  });
}

function sendsOf({ escalations }: Observed): readonly string[] {
  return escalations.flatMap(({ sends }) =>
    sends.flatMap(({ key, kind, status }) => (kind === 'notified' && status === 'sent' ? [key] : [])),
  );
}
