import type { Command } from 'commander';
import type { CliDeps } from '../desk.js';
import { change, create, disable, enable, remove } from './endpoint-changes.js';
import { attempts, list, show } from './endpoint-looks.js';
import { recover, replay, test } from './endpoint-recovery.js';
import { rotate, secret } from './endpoint-secret.js';

/** `slipway endpoint …`: the addresses that outgoing webhooks go to. */
export function endpoint(program: Command, deps: CliDeps): void {
  const command = program.command('endpoint').description('where outgoing webhooks go: make, look, change, make good');
  const verbs = [list, show, create, change, enable, disable, remove, secret, rotate, test, attempts, recover, replay];
  for (const verb of verbs) verb(command, deps);
}
