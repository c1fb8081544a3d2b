import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

/** Events in one signal, as a dispatcher gathers them. */
const LOT = 50;

/**
 * B9 of the fault list, past the inbox: there a repeat is known by its row and goes no further, so that here it is
 * signalled by hand, as by a dispatcher that does not know what it has signalled.
 */
describe('an event that is signalled again', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is applied once: after 1, 499, 501 and 999 others, and in another run (B9)', { timeout: 180_000 }, async () => {
    it_ = await stand(fastClock(1 / 86_400), { maxHistory: 25 });
    const first = fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' });
    const others = Array.from({ length: 999 }, (_, n) => fact('task', MONDAY_9 + n));
    await signal(it_, [first]);
    await heard(it_, 1, 0);
    const firstRun = await runId(it_);

    let sent = 0;
    for (const [repeats, until] of [1, 499, 501, 999].entries()) {
      await signal(it_, others.slice(sent, until));
      sent = until;
      await heard(it_, 1 + sent, repeats);
      const run = await runId(it_);
      await signal(it_, [first]);

      expect(await heard(it_, 1 + sent, repeats + 1), `applied after ${until} others`).toBe(1 + sent);
      if (until >= 499) expect(run, `the run after ${until} others`).not.toBe(firstRun);
    }

    const written = it_.recorded.projections.flatMap(({ log }) => log);
    const takings = written.filter(({ what }) => what.kind === 'applied' && what.events.includes(first.id));
    expect(new Set(takings.map(({ seq }) => seq)).size).toBe(1);
  });
});

async function signal(it_: Stand, facts: readonly Fact[]): Promise<void> {
  for (let n = 0; n < facts.length; n += LOT) await signalUntilTaken(it_, facts.slice(n, n + LOT));
}

/** What was not taken in time is sent again, as by the dispatcher. */
async function signalUntilTaken(it_: Stand, facts: readonly Fact[]): Promise<void> {
  for (;;) {
    try {
      expect(await it_.gateway.signalEvents(it_.key, facts)).toBe('signalled');
      return;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
  }
}

/** How many events are applied, once so many were, and so many more were heard at the least. */
function heard(it_: Stand, applied: number, duplicates: number): Promise<number> {
  const unanswered = (error: unknown): undefined => {
    if (!(error instanceof GatewayError)) throw error;
  };
  return eventually(async () => {
    const counts = (await it_.state().catch(unanswered))?.counts;
    const isHeard = counts && counts.applied >= applied && counts.applied + counts.duplicates >= applied + duplicates;
    return isHeard ? counts.applied : undefined;
  }, 60_000);
}

const runId = async (it_: Stand): Promise<string> =>
  (await it_.server.client.workflow.getHandle(it_.workflowId).describe()).runId;
