import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { defaultCacheDir, findTemporal, temporalEnvironment } from '../../src/embedded/temporal-binary.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { eventually } from '../support/temporal.js';

export interface QuickTemporal {
  readonly address: string;
  readonly client: Client;
  /** It stands still, as on a machine without a processor left: connections stand, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Without it a timer of less than a second may be a second late. */
const TIMELY = 'history.timerProcessorMaxTimeShift="20ms"';
/** The server calls a workflow stuck after five failures in a row, over a minute in all; here the first is enough. */
const AT_ONCE = 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1';

/** A real Temporal server that sees trouble at once. Namespace `default`. */
export async function quickTemporal(): Promise<QuickTemporal> {
  const binary = await findTemporal(defaultCacheDir(), join(tmpdir(), 'slipway-test-cache'), () => {});
  const port = await anyFreePort();
  const server = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)];
  const child = spawn(
    binary,
    [...server, '--log-level', 'never', '--dynamic-config-value', AT_ONCE, '--dynamic-config-value', TIMELY],
    {
      stdio: 'ignore',
      env: temporalEnvironment(),
    },
  );
  const address = `127.0.0.1:${port}`;
  const { client, connection, close } = connectTemporal({ options: { address }, namespace: 'default' });
  await eventually(
    () => connection.workflowService.describeNamespace({ namespace: 'default' }).catch(() => undefined),
    60_000,
  );
  await registerSearchAttributes(connection, 'default');
  return {
    address,
    client,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await close();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
