import type { Command } from 'commander';
import { ROLES } from '../../contracts/access.js';
import type { CreatedToken, TokenList, TokenView } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, instant, oneOf, withCommon } from '../desk.js';
import { type Column, table } from '../table.js';
import { clean, when } from '../text.js';

const PATH = '/api/v1/tokens';

/** `slipway tokens …`: who may ask this console for what. */
export function tokens(program: Command, deps: CliDeps): void {
  const command = program.command('tokens').description('make, list and revoke named API tokens');
  for (const verb of [create, list, revoke]) verb(command, deps);
}

type CreateOptions = Common & { readonly role: string; readonly expires?: string };

function create(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('create <name>')
    .description('make a token; it is shown this once and kept nowhere')
    .requiredOption('--role <role>', ROLES.join(', '), oneOf(...ROLES))
    .option('--expires <instant>', 'e.g. 2027-12-31T00:00Z; never where not given', instant);
  withCommon(command).action(async (name: string, { role, expires, ...common }: CreateOptions) => {
    const desk = deskOf(deps, common);
    const made = await desk.client.post<CreatedToken>(PATH, { name, role, expires_at: expires });
    desk.answer(made, (told) => {
      const end = told.expires_at === null ? '' : ` until ${when(told.expires_at)} UTC`;
      return `${clean(told.name)} may ask as ${told.role}${end}. Its token, shown this once:\n\n  ${clean(told.token)}\n\n`;
    });
  });
}

function list(parent: Command, deps: CliDeps): void {
  withCommon(parent.command('list').description('list the tokens, without the tokens themselves')).action(
    async (options: Common) => {
      const desk = deskOf(deps, options);
      const page = await desk.client.get<TokenList>(PATH);
      desk.answer(page, ({ data }) => {
        if (data.length === 0) return 'There is no named token.\n';
        return table(data, COLUMNS, desk.columns);
      });
    },
  );
}

const COLUMNS: readonly Column<TokenView>[] = [
  { header: 'ID', of: (one) => one.id, spare: true },
  { header: 'NAME', of: (one) => one.name },
  { header: 'ROLE', of: (one) => one.role },
  { header: 'STATE', of: stateOf },
  { header: 'LAST USED (UTC)', of: (one) => when(one.last_used_at) },
  { header: 'CREATED', of: (one) => one.created_at.slice(0, 10), spare: true },
  { header: 'BY', of: (one) => one.created_by, cut: true, spare: true },
];

function stateOf({ revoked_at: revoked, expires_at: expires }: TokenView): string {
  if (revoked !== null) return `revoked ${revoked.slice(0, 10)}`;
  return expires === null ? 'active' : `until ${expires.slice(0, 10)}`;
}

function revoke(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('revoke <token>')
    .description('end a token, by its name or id, within two seconds on every server')
    .option('--reason <text>', 'kept in the audit log');
  withCommon(command).action(async (token: string, { reason, ...common }: Common & { reason?: string }) => {
    const desk = deskOf(deps, common);
    const ended = await desk.client.post<TokenView>(`${PATH}/${encodeURIComponent(token)}/revoke`, { reason });
    desk.answer(ended, (told) => `${clean(told.name)} lets nobody in any more, since ${when(told.revoked_at)} UTC.\n`);
  });
}
