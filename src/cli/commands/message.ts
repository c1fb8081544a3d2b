import type { Command } from 'commander';
import { attemptColumns } from '../attempt-columns.js';
import { type CliDeps, type Common, commonOf, deskOf, instant, withCommon, withPages } from '../desk.js';
import { readObject } from '../files.js';
import { type Column, pairs, table } from '../table.js';
import { clean, when } from '../text.js';
import type { AttemptAnswer, DestinationAnswer, Listed, MessageAnswer } from '../webhook-answers.js';
import { appPath, jsonLines, moreOf, type OfApp, pageQuery, withApp } from '../webhooks.js';

/** `slipway message …`: what was told to endpoints, and what became of it. */
export function message(program: Command, deps: CliDeps): void {
  const command = program.command('message').description('what outgoing webhooks tell: look, send, send again');
  for (const verb of [list, show, send, resend]) verb(command, deps);
}

const messagePath = (of: OfApp, id: string): string => `${appPath(of)}/msg/${encodeURIComponent(id)}`;

interface ListOptions extends Common, OfApp {
  readonly limit?: string;
  readonly cursor?: string;
  readonly type?: string;
  readonly after?: string;
  readonly before?: string;
}

function list(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('list')
    .description('list the messages of an application, newest first')
    .option('--type <type>', 'of one event type')
    .option('--after <instant>', 'from then on', instant)
    .option('--before <instant>', 'until then', instant);
  withCommon(withPages(withApp(command))).action(async (options: ListOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const { type: event_types, after, before } = rest;
    const query = { ...pageQuery(rest), event_types, after, before };
    const page = await desk.client.get<Listed<MessageAnswer>>(`${appPath(rest)}/msg`, query);
    desk.answer(page, (told) => {
      if (told.data.length === 0) return 'No message is like that.\n';
      return table(told.data, COLUMNS, desk.columns) + moreOf(told);
    });
  });
}

const COLUMNS: readonly Column<MessageAnswer>[] = [
  { header: 'MESSAGE', of: (one) => one.id },
  { header: 'AT (UTC)', of: (one) => when(one.timestamp) },
  { header: 'TYPE', of: (one) => one.eventType, cut: true },
  { header: 'EVENT', of: (one) => one.eventId ?? '-', cut: true, spare: true },
];

function show(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('show <message>')
    .description('show a message, where it went, each attempt, and what it says; by its id or its event id');
  withCommon(withApp(command)).action(async (id: string, options: Common & OfApp) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const [one, destinations, attempts] = await Promise.all([
      desk.client.get<MessageAnswer>(messagePath(rest, id)),
      desk.client.get<Listed<DestinationAnswer>>(`${messagePath(rest, id)}/endpoint`),
      desk.client.get<Listed<AttemptAnswer>>(`${appPath(rest)}/attempt/msg/${encodeURIComponent(id)}`),
    ]);
    const shown = { ...one, destinations: destinations.data, attempts: attempts.data };
    desk.answer(shown, (told) => describe(told, desk.columns));
  });
}

interface Shown extends MessageAnswer {
  readonly destinations: readonly DestinationAnswer[];
  readonly attempts: readonly AttemptAnswer[];
}

function describe({ destinations, attempts, ...one }: Shown, columns: number): string {
  const facts = pairs([
    ['Message', one.id],
    ['Event', one.eventId],
    ['Type', one.eventType],
    ['Made', when(one.timestamp)],
    ['Channels', one.channels?.join(', ') ?? null],
    ['Tags', one.tags?.join(', ') ?? null],
  ]);
  const to = destinations.length === 0 ? 'No endpoint wants it.\n' : table(destinations, DESTINATIONS, columns);
  const tried = attempts.length === 0 ? '' : `\n${table(attempts, attemptColumns('ENDPOINT'), columns)}`;
  return `${facts}\n${to}${tried}\nSays\n${jsonLines(one.payload)}\nTimes are UTC.\n`;
}

const STATES: Readonly<Record<string, string>> = {
  success: 'delivered',
  pending: 'waiting',
  sending: 'under way',
  fail: 'failed',
  canceled: 'called off',
};

const DESTINATIONS: readonly Column<DestinationAnswer>[] = [
  { header: 'GOES TO', of: (one) => one.id },
  { header: 'URL', of: (one) => one.url, cut: true },
  { header: 'STATE', of: (one) => STATES[one.statusText] ?? one.statusText },
  { header: 'NEXT TRY (UTC)', of: (one) => when(one.nextAttempt) },
];

interface SendOptions extends Common, OfApp {
  readonly data: string;
  readonly id?: string;
}

function send(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('send <type>')
    .description('send a message to every endpoint that gets its type')
    .requiredOption('--data <file>', 'the JSON object to send, - for the standard input')
    .option('--id <id>', "the event's own id: a second message of it is refused");
  withCommon(withApp(command)).action(async (eventType: string, options: SendOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const { data, id } = rest;
    const sent = await desk.client.post<MessageAnswer>(`${appPath(rest)}/msg`, {
      eventType,
      ...(id === undefined ? {} : { eventId: id }),
      payload: await readObject(data),
    });
    desk.answer(sent, (told) => `${told.id} is made: \`slipway message show ${told.id}\` tells where it went.\n`);
  });
}

function resend(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('resend <message> <endpoint>')
    .description('make one more attempt, with the same id and bytes, whatever became of it before');
  withCommon(withApp(command)).action(async (id: string, to: string, options: Common & OfApp) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    await desk.client.post<unknown>(`${messagePath(rest, id)}/endpoint/${encodeURIComponent(to)}/resend`, {});
    desk.answer({ id, endpoint: to, resent: true }, () => `${clean(id)} is on its way to ${clean(to)} once more.\n`);
  });
}
