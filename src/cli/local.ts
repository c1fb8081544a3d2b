import type { Command } from 'commander';
import { explainSignature } from './commands/explain-signature.js';
import { send } from './commands/send.js';
import type { LocalDeps } from './local-deps.js';

/** Adds the verbs that talk to an edge, or to nobody. */
export function buildLocalCommands(program: Command, deps: LocalDeps): void {
  program.commandsGroup('Signed events:');
  for (const verb of [send, explainSignature]) verb(program, deps);
}
