import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { bundleWorkflows } from '../dist/main/bundle.js';
import { told } from './figures.mjs';
import { scratchDirectory } from './system.mjs';

const HISTORIES = fileURLToPath(new URL('../test/histories/', import.meta.url));

/** What a worker pays to rebuild workflows that it does not hold: the recorded histories, again and again. */
export async function measure({ quick, say }) {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const codePath = await bundleWorkflows(scratchDirectory());
  const histories = readdirSync(HISTORIES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${HISTORIES}${name}`, 'utf8')));
  const events = histories.reduce((sum, history) => sum + history.events.length, 0);
  const rounds = quick ? 2 : 20;
  await replayAll(codePath, histories, 1);
  const from = performance.now();
  await replayAll(codePath, histories, rounds);
  const took = performance.now() - from;
  say(`Replay: ${histories.length} histories of ${events} events, ${rounds} times in ${(took / 1000).toFixed(1)} s`);
  return [
    told('replay of a history', took / (rounds * histories.length), 'ms'),
    told('replay per event', took / (rounds * events), 'ms'),
  ];
}

async function replayAll(codePath, histories, rounds) {
  const all = Array.from({ length: rounds }, (_, round) =>
    histories.map((history, nth) => ({ workflowId: `replay-${round}-${nth}`, history })),
  ).flat();
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, all))
    if (error) throw error;
}
