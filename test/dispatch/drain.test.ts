import { describe, expect, it } from 'vitest';
import { bench, expectAllSignalled, many, NOW, pass, row } from './bench.js';

describe('drain', () => {
  it('signals all that waits and tells how much it was, before anything is started', async () => {
    const here = bench();
    const rows = many(2_500, (n) => here.inbox.put(row(`onb_${n % 20}`)));
    const drained = here.dispatcher.drain();
    await pass(5_000);
    expect(await drained).toBe(2_500);
    expectAllSignalled(rows, here);
    expect(here.inbox.revivedSince).toBeNull();
  });

  it('ends with what waited at its beginning though events pour in, which are signalled as ever', async () => {
    const here = bench();
    here.gateway.latencyMs = 100;
    const waited = many(600, (n) => here.inbox.put(row(`onb_${n % 60}`)));
    let drained: number | undefined;
    void here.dispatcher.drain().then((count) => (drained = count));
    const came = [];
    for (let ms = 0; ms < 10_000; ms += 10) {
      came.push(here.accept(row(`onb_${came.length % 200}`)));
      await pass(10);
    }

    expect(drained).toBe(600);
    expect(here.gateway.signals.length).toBeGreaterThan(400);
    here.dispatcher.start();
    await pass(5_000);
    const seen = here.gateway.signals.flatMap(({ facts }) => facts.map((fact) => fact.id));
    expect(seen.toSorted()).toEqual([...waited, ...came].map(({ route }) => route.fact.id).toSorted());
  });

  it('ends too where memory is filled by what pours in', async () => {
    const here = bench({ capacity: 100 });
    const waited = many(400, (n) => here.inbox.put(row(`onb_${n % 20}`)));
    const drained = here.dispatcher.drain();
    const came = [];
    for (let ms = 0; ms < 20_000; ms += 100) {
      for (let n = 0; n < 3; n++) came.push(here.accept(row(`onb_${came.length % 50}`)));
      await pass(100);
    }
    expect(await drained).toBe(400);

    here.dispatcher.start();
    await pass(10_000);
    const seen = here.gateway.signals.flatMap(({ facts }) => facts.map((fact) => fact.id));
    expect(seen.toSorted()).toEqual([...waited, ...came].map(({ route }) => route.fact.id).toSorted());
  });

  it('ends at once where it is told to stop, and the rest is given back', async () => {
    const here = bench();
    here.gateway.latencyMs = 1_000;
    const rows = many(200, (n) => here.inbox.put(row(`onb_${n}`)));
    const stopping = new AbortController();
    const drained = here.dispatcher.drain(stopping.signal);
    await pass(1_500);
    stopping.abort();
    await pass(60);
    expect(await drained).toBe(16);

    const stopped = here.dispatcher.stop();
    await pass(2_000);
    await stopped;
    expect(here.gateway.tries).toHaveLength(32);
    expect(rows.filter((one) => here.inbox.outcome(one) === 'signalled')).toHaveLength(32);
    expect(rows.filter(({ seq }) => here.inbox.rows.get(seq)?.lease === null)).toHaveLength(200 - 32);
  });

  it('ends where Temporal does not answer, and goes on after the start', async () => {
    const here = bench();
    here.gateway.isDown = true;
    const rows = many(100, (n) => here.inbox.put(row(`onb_${n}`)));
    const drained = here.dispatcher.drain();
    await pass(1_000);
    expect(await drained).toBe(0);

    here.gateway.isDown = false;
    here.dispatcher.start();
    await pass(20_000);
    expectAllSignalled(rows, here);
  });

  it('ends too where the only workflow that waits cannot be signalled', async () => {
    const here = bench();
    here.gateway.failing.add('onboarding/main/onb_1');
    here.inbox.put(row('onb_1'));
    const drained = here.dispatcher.drain();
    await pass(1_000);
    expect(await drained).toBe(0);
  });

  it('asks again where the inbox cannot be read for a moment: the edge is open by then', async () => {
    const here = bench();
    const told = here.inbox.put(row('onb_1'));
    here.inbox.isDown = true;
    const drained = here.dispatcher.drain();
    await pass(3_000);
    expect(here.gateway.signals).toEqual([]);

    here.inbox.isDown = false;
    await pass(2_000);
    expect(await drained).toBe(1);
    expectAllSignalled([told], here);
  });

  it('ends after a minute, however much is left: without a worker nobody is chased', async () => {
    const here = bench();
    here.inbox.put(row('onb_1'));
    here.gateway.latencyMs = 90_000;
    const drained = here.dispatcher.drain();
    await pass(61_000);
    expect(await drained).toBe(0);
    await pass(30_000);
  });

  it('of what was loaded before signals it before what came in meanwhile', async () => {
    const here = bench();
    const [first, second] = [here.inbox.put(row('onb_1')), row('onb_1')];
    await here.dispatcher.load();
    expect(here.gateway.signals).toEqual([]);
    here.accept(second);

    const drained = here.dispatcher.drain();
    await pass(1_000);

    expect(await drained).toBe(1);
    expect(here.gateway.signals.flatMap((one) => one.facts.map((fact) => fact.id))).toEqual(
      [first, second].map(({ route }) => route.fact.id),
    );
  });
});

describe('revive', () => {
  const TEN_MINUTES_MS = 600_000;

  it('puts back the last ten minutes before the last sign of life, however long the machine was off', async () => {
    const here = bench({ temporalMayForget: true });
    const told = here.inbox.put(row('onb_1'));
    Object.assign(here.inbox.rows.get(told.seq) ?? {}, { outcome: 'signalled' });

    await here.dispatcher.revive(NOW - 3 * TEN_MINUTES_MS);

    expect(here.inbox.revivedSince).toBe(NOW - 4 * TEN_MINUTES_MS);
    const drained = here.dispatcher.drain();
    await pass(1_000);
    expect(await drained).toBe(1);
    expectAllSignalled([told], here);
  });

  it.each([
    ['nothing was heard before', null],
    ['the clock ran ahead then', NOW + TEN_MINUTES_MS],
  ])('puts back the last ten minutes before now where %s', async (_, heardAt) => {
    const here = bench({ temporalMayForget: true });
    await here.dispatcher.revive(heardAt);

    expect(here.inbox.revivedSince).toBe(NOW - TEN_MINUTES_MS);
  });

  it('leaves alone what a server with sync was told', async () => {
    const here = bench();
    await here.dispatcher.revive(NOW);

    expect(here.inbox.revivedSince).toBeNull();
  });
});
