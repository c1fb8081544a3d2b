import type { Command } from 'commander';
import { doctor } from './commands/doctor.js';
import { explainSignature } from './commands/explain-signature.js';
import { send } from './commands/send.js';
import type { LocalDeps } from './local-deps.js';

/** Adds the verbs that work without a console. */
export function buildLocalCommands(program: Command, deps: LocalDeps): void {
  program.commandsGroup('Without a console:');
  for (const verb of [doctor, send, explainSignature]) verb(program, deps);
}
