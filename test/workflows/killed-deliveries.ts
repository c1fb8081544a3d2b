import { appendFileSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { DELIVERY_TASK_QUEUE, type DeliveryActivities } from '../../src/contracts/delivery.js';
import { report } from './endpoint-stand.js';

/** Deliveries in a process of their own, to be killed: the first try of a look hangs, and beats; the next one ends. */
const [address, namespace, notes] = process.argv.slice(2) as [string, string, string];
const activities: DeliveryActivities = {
  async deliverDue() {
    const { info, heartbeat, cancelled } = Context.current();
    appendFileSync(notes, `${info.attempt}\n`);
    if (info.attempt > 1) return report({}, Date.now());
    const beat = setInterval(() => heartbeat(), 500);
    return cancelled.finally(() => clearInterval(beat));
  },
};
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue: DELIVERY_TASK_QUEUE,
  activities,
});
await worker.run();
