import { type Command, Option } from 'commander';
import { attemptColumns } from '../attempt-columns.js';
import { type CliDeps, type Common, commonOf, deskOf, instant, withCommon, withPages } from '../desk.js';
import { type Column, pairs, table } from '../table.js';
import { plural, when } from '../text.js';
import type { AttemptAnswer, EndpointAnswer, HeadersAnswer, Listed, StatsAnswer } from '../webhook-answers.js';
import { appPath, endpointPath, moreOf, type OfApp, pageQuery, stateText, typesText, withApp } from '../webhooks.js';

interface Pages {
  readonly limit?: string;
  readonly cursor?: string;
}

export function list(parent: Command, deps: CliDeps): void {
  const command = parent.command('list').description('list the endpoints of an application, newest first');
  withCommon(withPages(withApp(command))).action(async (options: Common & OfApp & Pages) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const page = await desk.client.get<Listed<EndpointAnswer>>(`${appPath(rest)}/endpoint`, pageQuery(rest));
    desk.answer(page, (told) => {
      if (told.data.length === 0) return 'There is no endpoint; `slipway endpoint create <url>` makes one.\n';
      return table(told.data, COLUMNS, desk.columns) + moreOf(told);
    });
  });
}

const COLUMNS: readonly Column<EndpointAnswer>[] = [
  { header: 'ENDPOINT', of: (one) => one.id },
  { header: 'URL', of: (one) => one.url, cut: true },
  { header: 'STATE', of: stateText },
  { header: 'GETS', of: typesText, cut: true },
  { header: 'WHAT IT IS', of: (one) => one.description, cut: true, spare: true },
];

export function show(parent: Command, deps: CliDeps): void {
  const command = parent.command('show <endpoint>').description('show an endpoint and how its deliveries go');
  withCommon(withApp(command)).action(async (id: string, options: Common & OfApp) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const path = endpointPath(rest, id);
    const [one, stats, headers] = await Promise.all([
      desk.client.get<EndpointAnswer>(path),
      desk.client.get<StatsAnswer>(`${path}/stats`),
      desk.client.get<HeadersAnswer>(`${path}/headers`),
    ]);
    desk.answer({ ...one, ...headers, stats }, describe);
  });
}

type Shown = EndpointAnswer & HeadersAnswer & { readonly stats: StatsAnswer };

/** Of headers the names alone: nobody knows which of their values is a credential. */
function describe(one: Shown): string {
  const headers = [...Object.keys(one.headers), ...one.sensitive].join(', ');
  const facts = pairs([
    ['Endpoint', one.uid === null ? one.id : `${one.id} (${one.uid})`],
    ['URL', one.url],
    ['What it is', one.description || null],
    ['State', stateText(one)],
    ['Gets', typesText(one)],
    ['Order', one.ordered ? 'one after another for each onboarding' : null],
    ['Rate', one.rateLimit === null ? null : `at most ${plural(one.rateLimit, 'attempt')} a second`],
    ['Headers', headers || null],
    ['Deliveries', countsOf(one.stats)],
    ['Failing', one.failures === 0 ? null : `${one.failures} in a row used up all their tries`],
    ['Made', when(one.createdAt)],
  ]);
  return `${facts}\nDeliveries are of four weeks; times are UTC.\n`;
}

const countsOf = ({ success, pending, sending, fail }: StatsAnswer): string =>
  `${success} delivered, ${pending + sending} waiting, ${fail} failed`;

interface AttemptOptions extends Common, OfApp, Pages {
  readonly type?: string;
  readonly failed?: true;
  readonly delivered?: true;
  readonly after?: string;
  readonly before?: string;
}

export function attempts(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('attempts <endpoint>')
    .description('list the calls that were made, newest first, and what was answered')
    .option('--type <type>', 'of one event type')
    .addOption(new Option('--failed', 'only those that failed').conflicts('delivered'))
    .option('--delivered', 'only those that succeeded')
    .option('--after <instant>', 'from then on', instant)
    .option('--before <instant>', 'until then', instant);
  withCommon(withPages(withApp(command))).action(async (id: string, options: AttemptOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const page = await desk.client.get<Listed<AttemptAnswer>>(
      `${appPath(rest)}/attempt/endpoint/${encodeURIComponent(id)}`,
      { ...pageQuery(rest), event_types: rest.type, status: statusOf(rest), after: rest.after, before: rest.before },
    );
    desk.answer(page, (told) => {
      if (told.data.length === 0) return 'No attempt is like that.\n';
      return table(told.data, attemptColumns('MESSAGE'), desk.columns) + moreOf(told);
    });
  });
}

/** Svix's numbers. */
function statusOf({ failed, delivered }: Pick<AttemptOptions, 'failed' | 'delivered'>): number | undefined {
  if (failed) return 2;
  return delivered ? 0 : undefined;
}
