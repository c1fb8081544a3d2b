import { writeSync } from 'node:fs';
import { whileFrozen } from '../../src/embedded/freeze.js';
import { markOf } from '../../src/embedded/process-mark.js';

/** A process that holds another one until it is killed itself, for the test of who thaws then. */
const held = markOf(Number(process.argv[2]));
if (!held) throw new Error('there is nobody to hold');
await whileFrozen([held], async () => {
  writeSync(1, 'held');
  await new Promise((wake) => setTimeout(wake, 60_000));
});
