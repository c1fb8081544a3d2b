import type { WebhookRoute } from '../../../src/api/webhooks/route.js';

const HEAD = `# Management API of outgoing webhooks

<!-- Generated from the routes by test/api/webhooks/reference.ts; test/api/webhooks/refusals.test.ts compares the two (run it with -u). -->

On the console port (8788) Slipway speaks the API of Svix, so that its official clients manage applications, endpoints,
event types and messages here:

\`\`\`ts
import { Svix } from 'svix';
const svix = new Svix(process.env.SLIPWAY_API_TOKEN, { serverUrl: 'http://127.0.0.1:8788' });
const endpoint = await svix.endpoint.create('slipway', { url: 'https://you.example/hooks', filterTypes: ['onboarding.*'] });
const { key } = await svix.endpoint.getSecret('slipway', endpoint.id);
\`\`\`

- **Who may ask.** The console's tokens, with their roles. Viewers look, operators send messages and examples, resend,
  recover and replay, admins change who is told what, and read secrets and the values of headers. URLs are shown to all.
- **Ids.** \`{app_id}\` and \`{endpoint_id}\` are an id or a uid, \`{msg_id}\` an id or an \`eventId\`. A uid has 1 to 256 letters,
  digits, dashes, underscores and dots, is neither \`.\` nor \`..\`, and does not begin like an id. A slash at the end of a
  path changes nothing.
- **Lists** are pages of \`{data, iterator, prevIterator, done}\`, 1 to 250 rows (50), with \`limit\`, \`iterator\` and \`order\`.
- **Errors** are \`{code, detail}\`; of a request that is not valid (422) \`{detail: [{loc, msg, type}]}\`. Instants are on
  Slipway's clock, which is the real one unless \`SLIPWAY_CLOCK_SPEED\` is set.
- **Once.** An \`Idempotency-Key\` makes a repeat within 24 hours the same request, answered as the first was; of messages
  for as long as the message is kept. Clients make one up for their own repeats.
- **The audit log** has a line of every change and of every look at a secret. Messages are no changes.
- **Messages** may have 512 KiB. How many are sent is not limited; other requests are, 6,000 of a token in a minute.

## What is Slipway's own

- \`slipway\` and \`slipway-test\` are applications that are always there: what Slipway itself tells, live and in test mode.
  They cannot be changed. A new endpoint of them is sent a \`webhook.ping\`.
- Deliveries **in order**, one after another for each onboarding: \`"ordered": true\` on an endpoint, or, for clients that
  send no field they do not know, the metadata \`{"slipway-ordered": "true"}\`. An answer shows both. A message is of the
  onboarding that its \`data.object.onboarding_id\` names, or of \`data.object.id\` where its type begins with \`onboarding.\`.
- \`filterTypes\` takes groups, such as \`onboarding.*\`, beside names.
- An endpoint also shows \`disabledBy\` (\`operator\`, \`receiver\`, \`failing\`) and \`failures\`, the deliveries in a row that used up
  all their tries. An attempt also shows \`requestHeaders\` and \`responseHeaders\` (of credentials the names alone),
  \`address\` and \`nextAttempt\`.
- \`send-example\` takes a \`payload\` in place of the example of the event type.
- Recoveries and replays are \`finished\` by the time they are answered: the rest is the queue's.

## What is otherwise than at Svix

- \`gracePeriodSeconds\` is a day. Feature flags, \`deliverAt\`, \`transformationsParams\`, \`payloadRetentionHours\` and an
  \`application\` made along with its first message are answered 501.
- A payload whose \`payloadRetentionPeriod\` is over goes with the next run of retention; until retention takes the message
  too, \`{"expired":true}\` stands in its place, and it is not sent again. A deleted endpoint is no destination any more.
- A query that cannot be read is 422. A schema of an event type that names another draft than 2020-12 is not checked.
- Whole numbers beyond 2^53 in a payload lose their last digits, as in any JavaScript.

`;

/** The page of the routes: those that are served, then those that are lacking. */
export function webhooksReference(routes: readonly WebhookRoute[]): string {
  const served = routes.filter(({ lacks }) => !lacks).toSorted(byPath);
  const lacking = routes.filter(({ lacks }) => lacks);
  const calls = served.map(
    ({ method, path, call, role, summary }) =>
      `| \`${method.toUpperCase()} ${path}\` | ${code(call)} | ${role} | ${summary} |`,
  );
  const lacks = lacking.map(
    ({ method, path, call, lacks: why }) =>
      `| \`${method === 'all' ? '' : `${method.toUpperCase()} `}${path.replace('{/*rest}', '/…')}\` | ${code(call)} | ${why} |`,
  );
  return [
    `${HEAD}## Calls`,
    '',
    '| call | of the client | role | |',
    '|---|---|---|---|',
    ...calls,
    '',
    '## What there is not',
    '',
    'These are answered 501, with this reason.',
    '',
    '| call | of the client | why |',
    '|---|---|---|',
    ...lacks,
    '',
  ].join('\n');
}

const code = (calls: string): string =>
  calls
    .split(', ')
    .map((call) => `\`${call}\``)
    .join(', ');

const byPath = (a: WebhookRoute, b: WebhookRoute): number => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1);
