import { type Argument, Command, CommanderError } from 'commander';
import { ack } from './commands/ack.js';
import { audit } from './commands/audit.js';
import { endpoint } from './commands/endpoint.js';
import { erase, erasures } from './commands/erase.js';
import { escalation } from './commands/escalation.js';
import { escalations } from './commands/escalations.js';
import { event } from './commands/event.js';
import { eventTypes } from './commands/event-type.js';
import { events } from './commands/events.js';
import { close, hold, release } from './commands/hold.js';
import { message } from './commands/message.js';
import { onboarding } from './commands/onboarding.js';
import { onboardings } from './commands/onboardings.js';
import { policy } from './commands/policy.js';
import { rebuild } from './commands/rebuild.js';
import { redeliver } from './commands/redeliver.js';
import { rejections } from './commands/rejections.js';
import { retention } from './commands/retention.js';
import { resolve } from './commands/resolve.js';
import { snooze } from './commands/snooze.js';
import { escalate, note, reassign } from './commands/steer.js';
import { tokens } from './commands/tokens.js';
import { why } from './commands/why.js';
import type { CliDeps } from './desk.js';
import { CliFailure, EXIT } from './failure.js';
import { clean } from './text.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not reachable, 4 not found.`;

/** The `slipway` command without any verb yet. It throws where commander would exit, so that `runProgram` can answer. */
export function createProgram(deps: Pick<CliDeps, 'out' | 'err'>, version: string): Command {
  return (
    new Command('slipway')
      .description('Keeps customer onboardings moving: chases the right person until somebody acts.')
      .version(version)
      // Else the options behind `retention run` would be taken for those of `retention`.
      .enablePositionalOptions()
      .exitOverride()
      .configureHelp({ subcommandTerm: termOf })
      .configureOutput({ writeOut: deps.out, writeErr: deps.err })
      .showHelpAfterError('(--help says what there is)')
      .addHelpText('after', EXIT_CODES)
      .commandsGroup('Slipway itself:')
  );
}

/** `event <id>`: that there are options goes without saying. */
const termOf = (command: Command): string => [command.name(), ...command.registeredArguments.map(argumentOf)].join(' ');

const argumentOf = (argument: Argument): string => {
  const word = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${word}>` : `[${word}]`;
};

/** As `--help` shows them. */
const GROUPS = {
  'Onboardings:': [onboardings, onboarding, why, hold, release, close],
  'Escalations:': [escalations, escalation, ack, snooze, resolve, reassign, escalate, note],
  'Events:': [events, event, redeliver, rejections],
  'Webhooks out:': [endpoint, message, eventTypes],
  'Policy, access, data:': [policy, tokens, audit, retention, erase, erasures, rebuild],
};

/** Adds the verbs that talk to a running console. */
export function buildCommands(program: Command, deps: CliDeps): void {
  for (const [heading, verbs] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const verb of verbs) verb(program, deps);
  }
}

/** Runs one command line (without `node` and the script) and says with which code to exit. Throws the unexpected alone. */
export async function runProgram(
  program: Command,
  words: readonly string[],
  err: (text: string) => void,
): Promise<number> {
  try {
    await program.parseAsync(words, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof CliFailure)) throw error;
    err(`${clean(error.message)}\n`);
    return error.exit;
  }
}
