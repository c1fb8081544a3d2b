import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/channels/message-id.js';
import type { Escalation } from '../../src/contracts/api.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { messageOf } from '../channels/message.js';
import { risksToTell } from './parts/at-risk.js';
import type { Punctuality } from './parts/in-time.js';
import { HookDouble } from './parts/hook-double.js';
import { Ledger } from './parts/ledger.js';
import type { Observed } from './parts/observe.js';
import type { Span } from './parts/outage.js';
import { ACKED, message } from './parts/planted.js';
import { eachSendOnce } from './parts/sent-once.js';

/** What must have been told is known from what was posted, and not from what Slipway says that it sent. */
const START = Date.UTC(2026, 10, 2, 12);
const SECRET_TEXT = `whsec_${Buffer.from('a secret of the harness tests').toString('base64')}`;
const script = { ladder: { levels: 3, repeats: 1 }, isSteady: (id: string) => id === 'onb_1' };

interface Plant {
  /** Events of one onboarding, each by when it was promised, s from the start. */
  readonly life: Readonly<Record<string, number>>;
  readonly onboarding?: string;
  readonly told?: boolean;
  readonly outage?: Span;
  readonly slowestMs?: number;
  readonly send?: { readonly status: string; readonly tries: number };
}

/** What I3 says of it, and of how many risks. */
async function judged({ life, onboarding = 'onb_1', told = false, outage, send, slowestMs = 0 }: Plant) {
  const ledger = new Ledger();
  for (const [type, seconds] of Object.entries(life)) {
    const at = START + seconds * 1_000 - performance.timeOrigin;
    const subject = { kind: 'onboarding', id: onboarding } as const;
    ledger.settle(ledger.post({ ...message(type), type: `onboarding.${type}`, subject }, at), ACKED, at);
  }
  const double = await HookDouble.open({ secret: SECRET_TEXT });
  await double.close();
  const key = 'esc_1/notified/1/0/hook/mia';
  const about = { escalation: 'esc_1', onboarding: 'onb_1', level: 1, recipient: 'mia', channel: 'hook' };
  const id = messageId(key);
  const arrivals = [{ at: START, isReplyLost: false }];
  if (told) double.taken.set(id, { id, type: 'escalation.notified', ...about, arrivals });
  const sends = told || send ? [{ key, channel: 'hook', status: 'sent', tries: 1, ...send }] : [];
  const escalation = { ...messageOf().escalation, id: 'esc_1', onboarding_id: 'onb_1', sends } as unknown as Escalation;
  const hooks = [{ channel: 'hook', double, cuts: [] }];
  const time: Punctuality = { clock: REAL_CLOCK, outages: outage ? [{ ...outage, stops: 'acts' }] : [] };
  const risks = risksToTell(ledger, script, time, slowestMs);
  const { violations } = eachSendOnce({ escalations: [escalation] } as unknown as Observed, hooks, script, risks);
  return { risks: risks.length, violations };
}

const after = (seconds: number): number => START + seconds * 1_000;

describe('an onboarding that the sender called at risk', () => {
  it('and nobody was told of is found: while it lasts, and where it lasted long enough', async () => {
    const lasting = await judged({ life: { at_risk: 0 } });
    const ended = await judged({ life: { at_risk: 0, back_on_track: 6 } });
    const completed = await judged({ life: { at_risk: 0, completed: 6 } });

    expect(lasting.violations).toEqual([
      'onb_1 was at risk from 2026-11-02T12:00:00.000Z and still is, and nobody was told',
    ]);
    expect(ended.violations).toEqual([
      'onb_1 was at risk from 2026-11-02T12:00:00.000Z for 6.0 s, and nobody was told',
    ]);
    expect(completed.violations).toHaveLength(1);
  });

  it('is all right where somebody was told', async () => {
    expect(await judged({ life: { at_risk: 0 }, told: true })).toEqual({ risks: 1, violations: [] });
  });

  it('need not be told of where it was over soon, was over before it was promised, or was never said', async () => {
    const nothing = { risks: 0, violations: [] };
    expect(await judged({ life: { at_risk: 0, back_on_track: 4 } })).toEqual(nothing);
    expect(await judged({ life: { at_risk: 0, completed: 4 } })).toEqual(nothing);
    expect(await judged({ life: { at_risk: 9, back_on_track: 1 } })).toEqual(nothing);
    expect(await judged({ life: { created: 0, back_on_track: 20 } })).toEqual(nothing);
  });

  it('is not asked about where its story is not known to the end', async () => {
    expect(await judged({ life: { at_risk: 0 }, onboarding: 'onb_2' })).toEqual({ risks: 0, violations: [] });
  });

  it('need not be told of where every chase of the era was slower than it was over', async () => {
    const life = { at_risk: 0, back_on_track: 10 };

    expect((await judged({ life, slowestMs: 11_000 })).violations).toEqual([]);
    expect((await judged({ life, slowestMs: 9_000 })).violations).toHaveLength(1);
    expect((await judged({ life: { at_risk: 0 }, slowestMs: 11_000 })).violations).toHaveLength(1);
  });

  it('may wait for an outage that began in time, and no longer', async () => {
    const life = { at_risk: 0, back_on_track: 30 };
    const ends = (seconds: number) => ({ from: after(4), to: after(seconds) });

    expect((await judged({ life, outage: ends(26) })).violations).toEqual([]);
    expect((await judged({ life, outage: ends(24) })).violations).toHaveLength(1);
    expect((await judged({ life, outage: { from: after(6), to: after(40) } })).violations).toHaveLength(1);
    expect((await judged({ life: { at_risk: 0 }, outage: ends(600) })).violations).toHaveLength(1);
  });

  it('is all right where a call failed and waits for its next try, and not where none was ever made', async () => {
    const life = { at_risk: 0 };

    expect((await judged({ life, send: { status: 'waiting', tries: 1 } })).violations).toEqual([]);
    expect((await judged({ life, send: { status: 'waiting', tries: 0 } })).violations).toHaveLength(1);
  });
});
