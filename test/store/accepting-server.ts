// A server that accepts events as fast as it can and writes each id it may acknowledge to its standard output.
import { writeSync } from 'node:fs';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore } from '../../src/store/store.js';
import { arrival } from './arrivals.js';

const [url = '', serverId = ''] = process.argv.slice(2);
const store = openStore({ url, observer: SILENT, serverId });
await store.inbox.heartbeat();

async function sender(nth: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `evt_${nth}_${n}`;
    await store.inbox.accept(arrival(id, `onb_${nth}`));
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 40 }, (_, nth) => sender(nth)));
