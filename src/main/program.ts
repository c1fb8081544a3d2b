import type { Command } from 'commander';
import type { CliDeps } from '../cli/desk.js';
import { buildCommands, createProgram } from '../cli/program.js';
import { addBackup } from './backup.js';
import { addLocalVerbs } from './local-verbs.js';
import { addProcesses } from './processes.js';
import type { Environment } from './settings.js';
import { addDemo, addSimulate, consoleUrl } from './stories.js';
import { VERSION } from './version.js';

/** The whole `slipway` command: what runs servers, what asks them, and what needs none. */
export function programFor(env: Environment, terminal: Omit<CliDeps, 'url' | 'token' | 'policySchema'>): Command {
  const program = createProgram(terminal, VERSION);
  addProcesses(program, env);
  addBackup(program, env, terminal.out);
  addDemo(program, env);
  addSimulate(program, env);
  buildCommands(program, {
    url: consoleUrl(env),
    ...(env.SLIPWAY_API_TOKEN ? { token: env.SLIPWAY_API_TOKEN } : {}),
    policySchema: async () => (await import('../policy-file/json-schema.js')).policyJsonSchema(),
    ...terminal,
  });
  addLocalVerbs(program, env, terminal);
  return program;
}
