import type { Command } from 'commander';
import { type CliDeps, type Common, commonOf, deskOf, instant, withCommon } from '../desk.js';
import { readObject } from '../files.js';
import { clean } from '../text.js';
import type { MessageAnswer, RecoveryAnswer } from '../webhook-answers.js';
import { endpointPath, type OfApp, withApp } from '../webhooks.js';

type TestOptions = Common & OfApp & { readonly type: string; readonly edit?: string };

export function test(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('test <endpoint>')
    .description('send it the example of an event type, whatever it gets otherwise')
    .requiredOption('--type <type>', 'as `slipway event-types` lists them, or webhook.ping')
    .option('--edit <file>', 'the JSON to send in place of the example, - for the standard input');
  withCommon(withApp(command)).action(async (id: string, options: TestOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const { type: eventType, edit } = rest;
    const payload = edit === undefined ? {} : { payload: await readObject(edit) };
    const path = `${endpointPath(rest, id)}/send-example`;
    const sent = await desk.client.post<MessageAnswer>(path, { eventType, ...payload });
    desk.answer(
      sent,
      (told) => `${told.id} is on its way: \`slipway message show ${told.id}\` tells what was answered.\n`,
    );
  });
}

type SpanOptions = Common & OfApp & { readonly since: string; readonly until?: string };

const VERBS = {
  recover: {
    path: 'recover',
    what: 'send once more what failed or is still retried, of messages since then',
    told: 'that failed or waited',
  },
  replay: {
    path: 'replay-missing',
    what: 'send what it was never given, of messages since then',
    told: 'that it never had',
  },
} as const;

export const recover = (parent: Command, deps: CliDeps): void => madeGood(parent, deps, 'recover');
export const replay = (parent: Command, deps: CliDeps): void => madeGood(parent, deps, 'replay');

function madeGood(parent: Command, deps: CliDeps, verb: keyof typeof VERBS): void {
  const { path, what, told } = VERBS[verb];
  const command = parent
    .command(`${verb} <endpoint>`)
    .description(what)
    .requiredOption('--since <instant>', 'e.g. 2026-12-01T09:00Z, at most 14 days back', instant)
    .option('--until <instant>', 'now where not given', instant);
  withCommon(withApp(command)).action(async (id: string, options: SpanOptions) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const { since, until } = rest;
    const task = await desk.client.post<RecoveryAnswer>(`${endpointPath(rest, id)}/${path}`, { since, until });
    desk.answer(task, ({ data }) => {
      if (data.messagesSent === 0) return `There is nothing to ${verb} for ${clean(id)}.\n`;
      return `${data.messagesSent} ${told}: on the way to ${clean(id)}, beside what is new.\n`;
    });
  });
}
