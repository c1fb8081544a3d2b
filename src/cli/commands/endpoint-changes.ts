import { type Command, InvalidArgumentError } from 'commander';
import { type CliDeps, type Common, commonOf, confirmed, deskOf, withCommon } from '../desk.js';
import { clean } from '../text.js';
import type { EndpointAnswer } from '../webhook-answers.js';
import { appOption, appPath, endpointPath, type OfApp, typesText, withApp } from '../webhooks.js';
import { readSecret, sayKeep } from './endpoint-secret.js';

interface Settings {
  readonly types?: readonly string[] | 'all';
  readonly description?: string;
  readonly uid?: string;
  readonly rate?: number | 'none';
  readonly ordered?: boolean;
  readonly header?: Readonly<Record<string, string>>;
}

const withSettings = (command: Command): Command =>
  command
    .option(
      '--types <list>',
      'e.g. "escalation.*,onboarding.stuck"; every one where not given, and with "all"',
      typeList,
    )
    .option('--description <text>', 'what it is, for people')
    .option('--uid <id>', 'an id of your own, by which it can be named too')
    .option('--rate <n>', 'attempts a second at most; "none" for as many as there are', rate)
    .option('--ordered', 'one after another for each onboarding: one that fails holds up what follows')
    .option('--header <line>', '"Name: value", sent along; may be given several times', header);

function typeList(text: string): readonly string[] | 'all' {
  const names = text.split(/[\s,]+/).filter(Boolean);
  if (names.length === 0) throw new InvalidArgumentError('Name at least one event type, or all.');
  return names.length === 1 && names[0] === 'all' ? 'all' : names;
}

function rate(text: string): number | 'none' {
  const value = Number(text);
  if (text === 'none') return text;
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0, or none.');
}

function header(text: string, before: Settings['header'] = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write a header like "X-Team: ops".');
  return { ...before, [name]: value };
}

/** In Svix's words. What was not given is not named, and stays as it is. */
const bodyOf = ({ types, description, uid, rate, ordered }: Settings) => ({
  ...(types === undefined ? {} : { filterTypes: types === 'all' ? null : types }),
  ...(description === undefined ? {} : { description }),
  ...(uid === undefined ? {} : { uid }),
  ...(rate === undefined ? {} : { rateLimit: rate === 'none' ? null : rate }),
  ...(ordered === undefined ? {} : { ordered }),
});

type CreateOptions = Common & OfApp & Settings & { readonly disabled?: true };

export function create(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('create <address>')
    .description('make an endpoint at an https address; its secret is shown this once')
    .option('--disabled', 'send nothing yet');
  withCommon(withApp(withSettings(command))).action(async (url: string, options: CreateOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const made = await desk.client.post<EndpointAnswer>(`${appPath(rest)}/endpoint`, {
      url,
      ...bodyOf(rest),
      ...(rest.header ? { headers: rest.header } : {}),
      disabled: rest.disabled ?? false,
    });
    const secret = await readSecret(desk.client, rest, made.id);
    desk.answer({ ...made, secret }, (told) => sayMade(told, rest));
  });
}

function sayMade(made: EndpointAnswer & { readonly secret: string }, of: OfApp): string {
  const first = made.filterTypes?.find((name) => !name.endsWith('.*')) ?? 'webhook.ping';
  const try_ = `Then see whether it is heard:\n\n  slipway endpoint test ${made.id} --type ${clean(first)}${appOption(of)}\n`;
  return `${made.id} gets ${clean(typesText(made))} at ${clean(made.url)}.\n${sayKeep(made.secret)}${try_}`;
}

type ChangeOptions = Common & OfApp & Settings & { readonly to?: string; readonly withoutHeader?: readonly string[] };

export function change(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('change <endpoint>')
    .description('change what is named of an endpoint; the rest stays')
    .option('--to <address>', 'its new address; what waits goes there too')
    .option('--no-ordered', 'in any order again')
    .option('--without-header <name>', 'not sent along any more; may be given several times', oneMore);
  withCommon(withApp(withSettings(command))).action(async (id: string, options: ChangeOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const { header: headers = {}, withoutHeader: deleteHeaders = [], to } = rest;
    if (Object.keys(headers).length + deleteHeaders.length > 0)
      await desk.client.patch<void>(`${endpointPath(rest, id)}/headers`, { headers, deleteHeaders });
    const changed = await desk.client.patch<EndpointAnswer>(endpointPath(rest, id), {
      ...bodyOf(rest),
      ...(to === undefined ? {} : { url: to }),
    });
    desk.answer(changed, (told) => `${told.id} gets ${clean(typesText(told))} at ${clean(told.url)}.\n`);
  });
}

const oneMore = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const enable = (parent: Command, deps: CliDeps): void =>
  switched(
    parent,
    deps,
    'enable',
    'deliver to it again, at first what waited',
    (id, of) =>
      `${id} is enabled: what waited is on its way. \`slipway endpoint recover\` and \`replay\` make good what it missed:\n\n  slipway endpoint replay ${id} --since <instant>${appOption(of)}\n`,
  );

export const disable = (parent: Command, deps: CliDeps): void =>
  switched(
    parent,
    deps,
    'disable',
    'send it nothing until it is enabled again',
    (id) => `${id} is disabled: what waits for it is kept, and new messages pass it by.\n`,
  );

function switched(
  parent: Command,
  deps: CliDeps,
  verb: 'enable' | 'disable',
  what: string,
  told: (id: string, of: OfApp) => string,
): void {
  withCommon(withApp(parent.command(`${verb} <endpoint>`).description(what))).action(
    async (id: string, options: Common & OfApp) => {
      const { common, rest } = commonOf(options);
      const desk = deskOf(deps, common);
      const changed = await desk.client.patch<EndpointAnswer>(endpointPath(rest, id), { disabled: verb === 'disable' });
      desk.answer(changed, (one) => told(one.id, rest));
    },
  );
}

export function remove(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('delete <endpoint>')
    .description('delete an endpoint; what waits for it is called off, its log stays')
    .option('--yes', 'do not ask');
  withCommon(withApp(command)).action(async (id: string, options: Common & OfApp & { readonly yes?: true }) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    await confirmed(deps, rest.yes, `${clean(id)} is deleted for good, and what waits for it is called off.`);
    await desk.client.delete(endpointPath(rest, id));
    desk.answer({ id, deleted: true }, () => `${clean(id)} is deleted.\n`);
  });
}
