import { readFileSync } from 'node:fs';
import { concludeSend } from '../dist/domain/escalation/conclude.js';
import { parseEvent } from '../dist/domain/event/envelope.js';
import { routeEvent } from '../dist/domain/event/route.js';
import { adoptPolicy, projected, receive, startOnboarding } from '../dist/domain/onboarding/life.js';
import { cutPolicy } from '../dist/domain/policy/cut.js';
import { reconcile } from '../dist/domain/reconcile.js';
import { REAL_CLOCK } from '../dist/domain/time/clock.js';
import { loadPolicy } from '../dist/policy-file/load.js';
import { about, record, task } from './events.mjs';
import { atMost, percentile, told } from './figures.mjs';

const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2027, 2, 1, 9);
const KEY = { workspace: 'main', mode: 'live', id: 'onb_core' };

/** One decision on one core: an onboarding of 30 events that is at risk and stuck, both escalations on their way. */
export async function measure({ quick, say }) {
  const policy = cutPolicy(loaded(), ['mia@vendor.example']);
  const { state, now } = inTrouble(policy);
  const open = state.escalations.filter((one) => one.status !== 'resolved');
  say(`Reconcile: ${state.facts.length} facts, ${open.length} escalations (${open.map((one) => one.rule).join(', ')})`);
  if (state.facts.length !== 30 || open.length !== 2)
    throw new Error('The state to reconcile is not the one intended.');
  const rounds = quick ? 5 : 15;
  return [
    // A list of facts that was never seen before is folded anew, as after every event.
    atMost(
      'reconcile after an event',
      median(rounds, () => reconcile({ ...state, facts: [...state.facts] }, policy, now)),
      'µs',
      50,
    ),
    told(
      'reconcile at a wake',
      median(rounds, () => reconcile(state, policy, now)),
      'µs',
    ),
  ];
}

function loaded() {
  const answer = loadPolicy(readFileSync(new URL('slipway.yaml', import.meta.url), 'utf8'), MONDAY);
  if (!answer.ok) throw new Error(`bench/slipway.yaml: ${answer.errors[0]?.message}`);
  return answer.file.policy;
}

/** µs a call: the median of rounds of 2,000, after two that warm up. */
function median(rounds, call) {
  const calls = 2000;
  const took = Array.from({ length: rounds + 2 }, () => {
    const started = performance.now();
    for (let n = 0; n < calls; n++) call();
    return ((performance.now() - started) * 1000) / calls;
  });
  return percentile(took.slice(2), 0.5);
}

/** Lives through nine days, deciding hourly, every message delivered. */
function inTrouble(policy) {
  let state = adoptPolicy(startOnboarding(KEY, REAL_CLOCK, MONDAY), policy, ['mia@vendor.example'], MONDAY);
  let now = MONDAY;
  const waiting = story();
  for (; now <= MONDAY + 9 * DAY_MS; now += DAY_MS / 24) {
    const due = waiting.filter(({ at }) => at <= now);
    waiting.splice(0, due.length);
    if (due.length > 0)
      state = receive(
        state,
        due.map(({ at, event }, n) => fact(event, at, `${at}_${n}`)),
        now,
      );
    const { state: next, effects } = reconcile(state, policy, now);
    state = next;
    for (const effect of effects)
      if (effect.do === 'send') state = concludeSend(state, effect.send.key, { outcome: 'sent', atReal: now }, now);
    state = projected(state, state.log.at(-1)?.seq ?? 0);
  }
  return { state: reconcile(state, policy, now).state, now };
}

/** 30 events in nine days, with the target moved once, nothing but tasks at the end. */
function story() {
  const said = [
    [0, about('onboarding.created', record(KEY.id, 0), null)],
    [1, about('onboarding.updated', record(KEY.id, 0, { target_launch_date: '2031-07-03' }), null)],
    [2, about('onboarding.at_risk', record(KEY.id, 0), null)],
  ];
  for (let n = 0; said.length < 30; n++) said.push([2 + n / 4, about('task.completed', task(KEY.id, n), null)]);
  return said.map(([day, event]) => ({ at: MONDAY + day * DAY_MS, event }));
}

function fact(event, at, id) {
  const parsed = parseEvent({ id: `evt_${id}`, created_at: new Date(at).toISOString(), ...event });
  const hearing = { source: 'pivotal', workspace: 'main', sourceMode: 'live', heardAt: at, fallbackAt: at };
  return routeEvent(parsed, hearing).fact;
}
