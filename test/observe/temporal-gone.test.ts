import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { moved } from '../ingress/edge.js';
import { TestPostgres } from '../support/postgres.js';
import { eventually } from '../support/temporal.js';
import { expectToFire, hasPromtool, WITHOUT_PROMTOOL } from './promtool.js';
import { type QuickTemporal, quickTemporal } from './quick-temporal.js';
import { Rig } from './rig.js';
import type { Scrape } from './scrape.js';

const MINUTE_MS = 60_000;

/** Edge and dispatcher run all the while; what is told of an outage is silent before it and after. */
describe.skipIf(!hasPromtool)(`alerts on a Temporal server that stands still${WITHOUT_PROMTOOL}`, () => {
  let postgres: TestPostgres;
  let temporal: QuickTemporal;
  let rig: Rig;
  beforeAll(async () => {
    [postgres, temporal] = await Promise.all([TestPostgres.start(), quickTemporal()]);
    rig = await Rig.open({ databaseUrl: await postgres.database(), temporalAddress: temporal.address });
    rig.dispatcher.start();
  });
  afterEach(() => void vi.useRealTimers());
  afterAll(async () => {
    temporal.thaw();
    await rig.close();
    await temporal.stop();
    await postgres.stop();
  });

  async function post(times: number): Promise<void> {
    const events = Array.from({ length: times }, (_, n) => moved(`evt_${randomUUID()}`, `onb_${n % 5}`));
    const answers = await Promise.all(events.map((event) => rig.edge.post(event)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  }
  const valueOf = (scrape: Scrape, name: string): number | undefined =>
    [...scrape].find(([series]) => series.startsWith(`${name}{`))?.[1];
  /** A scrape at which Temporal answers and nothing waits. */
  const settled = () =>
    eventually(async () => {
      const scraped = await rig.scrape();
      const isWell =
        valueOf(scraped, 'slipway_temporal_reachable') === 1 && valueOf(scraped, 'slipway_inbox_pending') === 0;
      return isWell ? scraped : undefined;
    }, 60_000);

  it('SlipwayTemporalUnreachable, SlipwayInboxGrowing and SlipwayInboxOld: events come, and none can be signalled', async () => {
    await post(3);
    const before = await settled();

    temporal.freeze();
    await post(520);
    const first = await rig.scrape();
    await post(30);
    const more = await rig.scrape();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * MINUTE_MS });
    const later = await rig.scrape();
    vi.useRealTimers();
    temporal.thaw();
    const after = await settled();

    for (const well of [before, after]) {
      await expectToFire('SlipwayTemporalUnreachable', well, [first]);
      await expectToFire('SlipwayInboxGrowing', well, [first, more]);
      await expectToFire('SlipwayInboxOld', well, [first, more, later], 20);
    }
    await expect(expectToFire('SlipwayInboxOld', before, [first, more], 20)).rejects.toThrow(/FAILED/);
  });
});
