import { describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { createEndpointWaker } from '../../src/dispatch/endpoint-waker.js';
import { bench, expectAllSignalled, pass, row } from './bench.js';

const TEN_MINUTES_MS = 600_000;

/** What an operator or the time service does; the timers go on as before. */
const setBack = () => vi.setSystemTime(Date.now() - TEN_MINUTES_MS);

describe('a wall clock that is set back by ten minutes', () => {
  it('holds up no signal while events come', async () => {
    const here = bench();
    here.dispatcher.start();
    const rows = [here.accept(row('onb_1'))];
    await pass(50);

    setBack();
    for (let n = 0; n < 20; n++) {
      rows.push(here.accept(row(`onb_${n}`)));
      await pass(50);
    }

    expectAllSignalled(rows, here);
  });

  it('does not keep an overload on that is over', async () => {
    const here = bench();
    here.dispatcher.start();
    here.dispatcher.shed();

    setBack();
    await pass(1_100);
    const rows = Array.from({ length: 100 }, (_, n) => here.accept(row(`onb_${n}`)));
    await pass(2_000);

    expectAllSignalled(rows, here);
  });

  it('does not put off the question whether Temporal is back', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.isDown = true;
    const rows = Array.from({ length: 30 }, (_, n) => here.accept(row(`onb_${n}`)));
    await pass(1_000);
    here.gateway.isDown = false;

    setBack();
    await pass(15_000);

    expectAllSignalled(rows, here);
  });

  it('leaves no endpoint asleep whose wake was lost', async () => {
    const woken: string[] = [];
    const endpoint = { application: 'app_1', id: 'ep_1' };
    const waker = createEndpointWaker({
      gateway: { wake: async ({ id }) => void woken.push(id) },
      wakes: { wanted: async () => [endpoint] },
      observer: SILENT,
      now: Date.now,
      lot: () => 0.5,
    });
    waker.start();
    await waker.sweep();
    await pass(100);

    setBack();
    await pass(2_000);
    await waker.sweep();
    await pass(100);

    expect(woken).toEqual(['ep_1', 'ep_1']);
    await waker.stop();
  });
});
