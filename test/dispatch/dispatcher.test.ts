import { describe, expect, it } from 'vitest';
import { bench, customerRow, expectAllSignalled, many, NOW, pass, row } from './bench.js';

describe('signals', () => {
  it('go out at once for a lone event', async () => {
    const here = bench();
    here.dispatcher.start();
    here.accept(row('onb_1'));
    await pass(10);
    expect(here.gateway.signals).toMatchObject([
      { at: NOW + 10, workflow: 'onboarding/main/onb_1', title: 'Onboarding onb_1' },
    ]);
  });

  it('go out at once at 20 events a second, each alone', async () => {
    const here = bench();
    here.dispatcher.start();
    for (let n = 0; n < 100; n++) {
      here.accept(row(`onb_${n}`));
      await pass(50);
    }
    expect(here.gateway.signals.map(({ at }) => at)).toEqual(many(100, (n) => NOW + n * 50 + 10));
  });

  it('carry many events of a workflow: 1,000 of 10 workflows in a few, in order, each once', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = many(1_000, (n) => here.accept(row(`onb_${n % 10}`)));
    await pass(2_000);

    expectAllSignalled(rows, here);
    expect(here.gateway.signals.length).toBeLessThanOrEqual(30);
    expect(Math.max(...here.gateway.signals.map(({ facts }) => facts.length))).toBe(50);
    expect(here.inbox.settlements.length).toBeLessThan(here.gateway.signals.length);
  });

  it('are never two of one workflow at once, and never more than 16', async () => {
    const here = bench();
    here.gateway.latencyMs = 200;
    here.dispatcher.start();
    const rows = many(600, (n) => here.accept(row(`onb_${n % 40}`)));
    await pass(10_000);
    expectAllSignalled(rows, here);
    expect(here.gateway.mostAtOnce).toBe(16);
  });

  it('carry 128 kB at most, and one event whatever its size', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = many(60, () => here.accept(row('onb_1', { record: { name: 'n'.repeat(10_000) } })));
    rows.push(here.accept(row('onb_2', { record: { name: 'n'.repeat(200_000) } })), here.accept(row('onb_2')));
    await pass(2_000);
    expectAllSignalled(rows, here);
    for (const { facts } of here.gateway.of('onb_1')) {
      expect(facts.length).toBeLessThanOrEqual(13);
      expect(Buffer.byteLength(JSON.stringify(facts))).toBeLessThan(128 * 1024);
    }
    expect(here.gateway.of('onb_2').map(({ facts }) => facts.length)).toEqual([1, 1]);
  });

  it('go to customers too', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = [here.accept(customerRow('cus_1')), here.accept(row('cus_1')), here.accept(customerRow('cus_1'))];
    await pass(1_000);
    expectAllSignalled(rows, here);
    expect(here.gateway.signals.map(({ workflow }) => workflow).sort()).toContain('customer/main/cus_1');
  });

  it('do not go out before the dispatcher is started', async () => {
    const here = bench();
    here.accept(row('onb_1'));
    await pass(5_000);
    expect(here.gateway.tries).toEqual([]);
    here.dispatcher.start();
    await pass(100);
    expect(here.gateway.signals).toHaveLength(1);
  });

  it('carry a row that is offered twice once', async () => {
    const here = bench();
    here.dispatcher.start();
    const one = here.accept(row('onb_1'));
    here.dispatcher.offer(one);
    await pass(1_000);
    expectAllSignalled([one], here);
  });
});

describe('while events pour in', () => {
  it('signals keep to about 60 a second, and the rest follows at once when they stop', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = [];
    for (let ms = 0; ms < 4_000; ms += 5) {
      for (let n = 0; n < 5; n++) rows.push(here.accept(row(`onb_${rows.length % 200}`)));
      await pass(5);
    }
    const during = here.gateway.signals.length;
    // 60 a second, a bucket of 15, and what went out before it showed that they pour in.
    expect(during).toBeLessThan(4 * 60 + 15 + 40);
    expect(during).toBeGreaterThan(4 * 60 - 20);

    await pass(1_000);
    expectAllSignalled(rows, here);
    expect(here.gateway.signals.length).toBeLessThan(during + 250);
  });

  it('and some are refused unread, a signal a second goes out, and the rest at once when it is over', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = [];
    for (let ms = 0; ms < 10_000; ms += 5) {
      rows.push(here.accept(row(`onb_${rows.length % 200}`)));
      here.dispatcher.shed();
      await pass(5);
    }
    const during = here.gateway.signals.length;
    // The bucket of 15, and one a second.
    expect(during).toBeGreaterThan(15 + 10 - 3);
    expect(during).toBeLessThan(15 + 10 + 3);

    await pass(2_500);
    expectAllSignalled(rows, here);
  });

  it('no workflow waits much longer than five seconds, however many there are', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = [];
    for (let ms = 0; ms < 15_000; ms += 10) {
      for (let n = 0; n < 3; n++) rows.push(here.accept(row(`onb_${rows.length}`)));
      await pass(10);
    }
    const heard = new Map(here.gateway.signals.map(({ at, workflow }) => [workflow, at]));
    const waits = rows.slice(0, 2_000).map(({ receivedAt, route }) => {
      return (heard.get(`onboarding/main/${route.key.id}`) ?? Number.POSITIVE_INFINITY) - receivedAt;
    });
    expect(Math.max(...waits)).toBeLessThan(6_000);
    await pass(10_000);
    expectAllSignalled(rows, here);
  });
});

describe('a workflow that cannot be signalled', () => {
  it('is tried again ever later, up to ten seconds, while others go on', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.failing.add('onboarding/main/onb_bad');
    const rows = [here.accept(row('onb_bad'))];
    for (let n = 0; n < 600; n++) {
      if (n % 10 === 0) rows.push(here.accept(row(`onb_${n}`)));
      await pass(100);
    }
    const tries = here.gateway.tries.filter(({ workflow }) => workflow.endsWith('onb_bad')).map(({ at }) => at);
    const waits = tries.slice(1).map((at, n) => at - (tries[n] as number) - 10);
    const expected = [187.5, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500, 7_500];
    expect(waits.length).toBeGreaterThanOrEqual(expected.length);
    for (const [n, wait] of expected.entries()) expect(Math.abs((waits[n] as number) - wait)).toBeLessThanOrEqual(2);
    expect(here.gateway.signals).toHaveLength(60);
    expect(here.counted.filter((line) => line === 'warn: a workflow cannot be signalled')).toHaveLength(1);

    here.gateway.failing.clear();
    rows.push(...many(70, () => here.accept(row('onb_bad'))));
    await pass(10_000);
    expectAllSignalled(rows, here);
    expect(here.gateway.of('onb_bad').map(({ facts }) => facts.length)).toEqual([50, 21]);
  });

  it('is retried by lot, so that those that failed together do not come back together', async () => {
    let lot = 0;
    const here = bench({ lot: () => (lot++ % 10) / 10 });
    here.dispatcher.start();
    here.gateway.isDown = true;
    for (let n = 0; n < 10; n++) here.accept(row(`onb_${n}`));
    await pass(11);
    here.gateway.isDown = false;
    await pass(1_000);
    expect(new Set(here.gateway.signals.map(({ at }) => at)).size).toBe(10);
  });
});

describe('a Temporal server that is out', () => {
  it('is asked by one signal at a time, and told everything when it is back', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.isDown = true;
    const rows = many(200, (n) => here.accept(row(`onb_${n}`)));
    await pass(1_000);
    const before = here.gateway.tries.length;
    await pass(10_000);
    expect(here.gateway.tries.length - before).toBeLessThanOrEqual(21);
    expect(here.gateway.tries.length - before).toBeGreaterThanOrEqual(19);
    expect(here.counted).toContain('warn: Temporal does not answer; events are kept and signalled when it does');

    here.gateway.isDown = false;
    await pass(1_000);
    expect(here.gateway.signals.length).toBeGreaterThan(150);
    await pass(10_000);
    expectAllSignalled(rows, here);
    expect(here.counted).toContain('info: Temporal answers again');
  });

  it('is asked by one signal at a time where each one hangs', async () => {
    const here = bench();
    here.dispatcher.start();
    Object.assign(here.gateway, { isDown: true, latencyMs: 4_000 });
    many(200, (n) => here.accept(row(`onb_${n}`)));
    await pass(4_100);
    here.gateway.mostAtOnce = 0;
    await pass(30_000);
    expect(here.gateway.mostAtOnce).toBe(1);
  });

  it('keeps the order of what came before and after the failure', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.isDown = true;
    const rows = many(60, () => here.accept(row('onb_1')));
    await pass(5);
    rows.push(...many(60, () => here.accept(row('onb_1'))));
    await pass(50);
    here.gateway.isDown = false;
    await pass(10_000);
    expectAllSignalled(rows, here);
  });
});

describe('the inbox', () => {
  it('is not read for what is offered, but every few seconds for rows of servers that died', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = many(100, (n) => here.accept(row(`onb_${n % 5}`)));
    await pass(2_000);
    expect(here.inbox.claims).toBe(0);

    rows.push(here.inbox.put(row('onb_0')));
    await pass(3_000);
    expectAllSignalled(rows, here);
  });

  it('keeps what does not fit into memory, and is read again as soon as there is room', async () => {
    const here = bench({ capacity: 100 });
    here.dispatcher.start();
    const rows = many(2_000, (n) => here.accept(row(`onb_${n % 7}`)));
    await pass(3_500);
    const seen = here.gateway.signals.flatMap(({ facts }) => facts.map((fact) => fact.id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(rows.length);
    expect(here.inbox.unsettled()).toEqual([]);
  });

  it('that is down for a while makes no event lost or doubled', async () => {
    const here = bench({ capacity: 50 });
    here.dispatcher.start();
    const rows = many(80, (n) => here.accept(row(`onb_${n % 4}`)));
    here.inbox.isDown = true;
    await pass(8_000);
    expect(here.inbox.unsettled()).toHaveLength(80);

    here.inbox.isDown = false;
    await pass(8_000);
    const seen = here.gateway.signals.flatMap(({ facts }) => facts.map((fact) => fact.id));
    expect(seen.toSorted()).toEqual(rows.map(({ route }) => route.fact.id).toSorted());
    expect(here.inbox.unsettled()).toEqual([]);
  });

  it('that crashed and forgot what had been signalled is told once more, though the lease is our own', async () => {
    const here = bench();
    here.dispatcher.start();
    const told = here.accept(row('onb_1'));
    await pass(1_000);
    Object.assign(here.inbox.rows.get(told.seq) ?? {}, { outcome: null });
    here.inbox.put(row('onb_2'), 'here');
    here.gateway.failing.add('onboarding/main/onb_3');
    const held = here.accept(row('onb_3'));

    await pass(60_000);

    expect(here.gateway.of('onb_2')).toHaveLength(1);
    expect(here.gateway.of('onb_1').flatMap(({ facts }) => facts)).toHaveLength(2);
    expect(here.inbox.unsettled()).toEqual([held.seq]);
    expect(here.inbox.rows.get(held.seq)?.lease).toBe('here');
  });
});

describe('stop', () => {
  it('waits for the signals under way, settles them and gives the rest back', async () => {
    const here = bench();
    here.gateway.latencyMs = 1_000;
    here.dispatcher.start();
    const rows = many(30, (n) => here.accept(row(`onb_${n}`)));
    await pass(100);
    let isStopped = false;
    const stopped = here.dispatcher.stop().then(() => {
      isStopped = true;
    });
    await pass(500);
    expect(isStopped).toBe(false);
    await pass(1_000);
    await stopped;

    expect(here.gateway.signals).toHaveLength(16);
    const outcomes = rows.map((one) => [here.inbox.outcome(one), here.inbox.rows.get(one.seq)?.lease]);
    expect(outcomes.filter(([outcome]) => outcome === 'signalled')).toHaveLength(16);
    expect(outcomes.filter(([outcome, lease]) => outcome === null && lease === null)).toHaveLength(14);

    const before = here.gateway.tries.length;
    await pass(60_000);
    expect(here.gateway.tries).toHaveLength(before);
  });
});
