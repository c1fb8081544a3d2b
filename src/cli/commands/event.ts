import type { Command } from 'commander';
import type { EventDetail } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { pairs } from '../table.js';
import { clean, plural, when } from '../text.js';

/** `slipway event <id>`: one event as it came, and what became of it. */
export function event(program: Command, deps: CliDeps): void {
  const command = program
    .command('event <id>')
    .description('show one event with its headers and its body; by sequence number or by event id')
    .option('--body', 'print the exact body alone, as it was signed');
  withCommon(command).action(async (id: string, { body: alone, ...options }: Common & { body?: true }) => {
    const desk = deskOf(deps, options);
    const detail = await desk.client.get<EventDetail>(`/api/v1/events/${encodeURIComponent(id)}`);
    if (alone && !options.json) desk.print(exactBody(detail.body, desk.columns));
    else desk.answer(detail, describe);
  });
}

/** Byte for byte into a file or a pipe; a terminal gets it with control characters shown, so that it is not steered. */
const exactBody = (body: string, columns: number): string => (columns === Infinity ? body : lines(body));

const lines = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${clean(line)}\n`)
    .join('');

function describe(one: EventDetail): string {
  const facts = pairs([
    ['Event', `${one.id} (${one.seq})`],
    ['Type', one.type ?? 'none'],
    ['Says', one.text],
    ['Received', `${when(one.received_at)} from ${one.source}, delivery ${one.delivery_id}`],
    ['Happened', one.occurred_at && when(one.occurred_at)],
    ['Status', one.quarantined ? `${one.status}, kept aside: ${one.quarantined}` : one.status],
    ['Repeats', one.duplicates > 0 ? `came again ${plural(one.duplicates, 'time')}` : null],
    ['Onboarding', one.onboarding_id],
    ['Customer', one.customer_id],
    ['Workspace', one.workspace && `${one.workspace} (${one.mode ?? 'live'})`],
    ['Org', one.org],
    ['Workflow', one.workflow_id],
    ['Verified', `with the secret ${one.verified_with}`],
  ]);
  const headers = pairs(Object.entries(one.headers).map(([name, value]) => [`  ${name}`, value] as const));
  return `${facts}\nHeaders\n${headers}\nBody\n${lines(readable(one.body)).replace(/^/gm, '  ').trimEnd()}\n\nTimes are UTC.\n`;
}

/** Indented for reading; what is no JSON stays as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
