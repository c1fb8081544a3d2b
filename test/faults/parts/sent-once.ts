import { messageId } from '../../../src/channels/message-id.js';
import type { Escalation } from '../../../src/contracts/api.js';
import type { Finding } from './finding.js';
import type { HookDouble } from './hook-double.js';
import type { Observed } from './observe.js';

export interface Heard {
  /** The channel's name in the policy. */
  readonly channel: string;
  readonly double: HookDouble;
  /** A receiver that drops repeats by their id sees none of them. */
  readonly honoursId: boolean;
  /** Repeats that the kind of fault makes unavoidable, such as one a kill after the call. */
  readonly mayRepeat?: number;
}

/** I3: each send reached the receiver once, none that is called sent is missing, and the receiver was not surprised. */
export function eachSendOnce(observed: Observed, hooks: readonly Heard[]): Finding {
  let n = 0;
  let repeats = 0;
  const violations = hooks.flatMap(({ channel, double, honoursId, mayRepeat = 0 }) => {
    const known = sendsOf(observed.escalations, channel);
    n += known.size;
    repeats += double.repeats;
    const missing = [...known].filter(([id, send]) => send.status === 'sent' && !double.taken.has(id));
    const strange = [...double.taken.values()].filter(
      ({ id, escalation }) => !known.has(id) && !isPruned(observed, escalation),
    );
    return [
      ...missing.map(([, { key }]) => `${key} counts as sent and never arrived`),
      ...strange.map(({ id, escalation }) => `${id} of ${escalation} arrived and is none of its sends`),
      ...(!honoursId && double.repeats > mayRepeat
        ? [`${double.repeats} messages arrived twice, ${mayRepeat} may`]
        : []),
      ...double.surprises.map((surprise) => `channel ${channel}: ${surprise}`),
    ];
  });
  return { id: 'I3', what: 'sends doubled, missing or odd', n, violations, note: `${repeats} repeats under one id` };
}

interface SendSeen {
  readonly key: string;
  readonly status: string;
}

function sendsOf(escalations: readonly Escalation[], channel: string): ReadonlyMap<string, SendSeen> {
  const mine = escalations.flatMap(({ sends }) => sends.filter((send) => send.channel === channel));
  return new Map(mine.map(({ key, status }) => [messageId(key), { key, status }]));
}

/** An escalation keeps its last 40 sends. */
const isPruned = ({ escalations }: Observed, id: string): boolean =>
  (escalations.find((one) => one.id === id)?.sends.length ?? 0) >= 40;
