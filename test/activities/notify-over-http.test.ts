import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNotify } from '../../src/activities/notify.js';
import { createChannels } from '../../src/channels/create-channels.js';
import type { NotifyOrder, NotifyResult } from '../../src/contracts/activities.js';
import { SILENT } from '../../src/contracts/observer.js';
import { createOutbound, type Outbound } from '../../src/outbound/post.js';
import { type Receiver, startReceiver } from '../outbound/receiver.js';
import { orderOf } from './order.js';
import { gateThat, LedgerDouble } from './send-doubles.js';

const SECRET = `whsec_${Buffer.from('a secret for the ops hook').toString('base64')}`;

describe('a send over HTTP', () => {
  let receiver: Receiver;
  let outbound: Outbound;
  let ledger: LedgerDouble;
  let environment: MockActivityEnvironment;

  beforeEach(async () => {
    receiver = await startReceiver();
    outbound = createOutbound({ allowPrivate: true });
    ledger = new LedgerDouble();
    environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 5000 });
  });
  afterEach(async () => {
    await outbound.close();
    await receiver.close();
    receiver.verify();
  });

  const notify = (order: NotifyOrder = orderOf()): Promise<NotifyResult> => {
    const { channels } = createChannels(
      { hook: { type: 'webhook', url: `${receiver.url}/hook`, secretEnv: 'OPS_HOOK_SECRET' } },
      () => SECRET,
      { outbound, observer: SILENT },
    );
    const deps = {
      ledger,
      gate: gateThat({ open: true }),
      channel: (name: string) => channels.get(name),
      observer: SILENT,
    };
    return environment.run(createNotify(deps), order);
  };

  it('carries the same id when a worker died between the call and its report', async () => {
    receiver.expects({ status: 204 }, { status: 204 });
    const first = await notify();
    ledger.rows.set(orderOf().key, 'intended');

    const second = await notify();

    const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
    expect(ids[0]).toBe(ids[1]);
    expect([first, second]).toMatchObject([
      { outcome: 'sent', providerId: ids[0] },
      { outcome: 'sent', providerId: ids[0] },
    ]);
  });

  it('posts once where the first report stands', async () => {
    receiver.expects({ status: 204 });

    await notify();
    await notify();

    expect(receiver.got).toHaveLength(1);
  });

  it('gives a refused payload one try and says so', async () => {
    receiver.expects({ status: 400 });

    expect(await notify()).toMatchObject({ outcome: 'failed', failure: 'PayloadRejected' });
  });

  it('posts nothing once it is cancelled', async () => {
    environment.cancel();

    await expect(notify()).rejects.toBeInstanceOf(CancelledFailure);
  });
});
