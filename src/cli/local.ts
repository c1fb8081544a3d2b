import type { Command } from 'commander';
import { explainSignature } from './commands/explain-signature.js';
import { send } from './commands/send.js';

/** What the verbs need that work without a console; `main` reads it from the environment. */
export interface LocalDeps {
  /** Where `send` posts unless told otherwise. */
  readonly edgeUrl: string;
  /** The setting with the secrets of the first source, as it is written. */
  readonly secrets?: string;
  /** Secrets of other endpoints, such as the test one's. */
  readonly otherSecrets?: string;
  /** Real epoch ms. */
  readonly now: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number;
}

/** Adds the verbs that talk to an edge, or to nobody. */
export function buildLocalCommands(program: Command, deps: LocalDeps): void {
  program.commandsGroup('Signed events:');
  for (const verb of [send, explainSignature]) verb(program, deps);
}
