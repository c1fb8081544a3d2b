import type { Command } from 'commander';
import type { Client } from '../client.js';
import { type CliDeps, type Common, commonOf, deskOf, withCommon } from '../desk.js';
import { clean } from '../text.js';
import { endpointPath, type OfApp, withApp } from '../webhooks.js';

/** Entered in the audit log. */
export async function readSecret(client: Client, of: OfApp, id: string): Promise<string> {
  return (await client.get<{ readonly key: string }>(`${endpointPath(of, id)}/secret`)).key;
}

export const sayKeep = (secret: string): string =>
  `What it is signed with, shown this once:\n\n  ${clean(secret)}\n\nGive it to the receiver, which verifies with it: any library of Svix or Standard Webhooks does that.\n`;

export function secret(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('secret <endpoint>')
    .description('show the signing secret; that it was looked at is entered in the audit log');
  withCommon(withApp(command)).action(async (id: string, options: Common & OfApp) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    desk.answer({ key: await readSecret(desk.client, rest, id) }, ({ key }) => `${clean(key)}\n`);
  });
}

export function rotate(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('rotate <endpoint>')
    .description('give it another signing secret; the former one signs too for 24 hours');
  withCommon(withApp(command)).action(async (id: string, options: Common & OfApp) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    await desk.client.post<void>(`${endpointPath(rest, id)}/secret/rotate`, {});
    desk.answer(
      { key: await readSecret(desk.client, rest, id) },
      ({ key }) =>
        `${sayKeep(key)}For 24 hours the former one signs too, so that the receiver can be changed in peace.\n`,
    );
  });
}
