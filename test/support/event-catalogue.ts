import { descriptionOf } from '../../src/contracts/api-catalogue.js';
import type { DescribedEvent } from '../../src/contracts/api-event-envelope.js';

type Schema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
};

const HEAD = `# Event catalogue

<!-- Generated from src/contracts/api-catalogue.ts by test/support/event-catalogue.ts; test/catalogue/page.test.ts compares the two (run it with -u). -->

What Slipway tells the systems that subscribe to it; how to subscribe is in [webhooks.md](webhooks.md). The application \`slipway\`
gets what happened in live mode, \`slipway-test\` what happened in test mode. The JSON Schema (2020-12) of each type comes
with \`slipway event-types <type>\` and with \`GET /api/v1/event-type/<type>\`; examples below validate against it.

Every event has one envelope:

| field | type | meaning |
|---|---|---|
`;

const NOTES = `
- **The same \`id\` is the same event**, on every try, every resend and every replay. Pivotal's events keep the id that Pivotal gave them.
- **\`data.object\` is the record as it was newest when the event was written.** Of several things that happened at one moment the first may already show what the last one made of it: act on the record, not on the order.
- **Fields may be added** at any time, and Pivotal's records are passed on letter by letter, unknown fields too. Let pass what you do not know.
`;

/** The page, from what the code describes and the schemas that are served. */
export function catalogueOf(events: readonly DescribedEvent[], schemaOf: (name: string) => unknown): string {
  const [first] = events;
  const head = first ? envelopeRows(schemaOf(first.name) as Schema) : '';
  const groups = [...new Set(events.map(({ name }) => recordOf(name)))];
  return `${HEAD}${head}${NOTES}\n${overview(events)}${groups
    .map((record) => {
      const mine = events.filter(({ name }) => recordOf(name) === record);
      return section(record, mine, schemaOf);
    })
    .join('')}`;
}

const PIVOTAL: ReadonlySet<string> = new Set(['customer', 'contact', 'task']);
const OWN_ONBOARDING: ReadonlySet<string> = new Set([
  'onboarding.health_changed',
  'onboarding.stuck',
  'onboarding.target_moved',
]);

/** Events of one record stand together: an onboarding of Pivotal's is another one than the console's. */
function recordOf(name: string): string {
  const [group = ''] = name.split('.');
  if (OWN_ONBOARDING.has(name)) return 'Onboarding, as Slipway sees it';
  if (group === 'onboarding') return 'Onboarding, as Pivotal sends it';
  const title = group.charAt(0).toUpperCase() + group.slice(1);
  return PIVOTAL.has(group) ? `${title}, as Pivotal sends it` : title;
}

function overview(events: readonly DescribedEvent[]): string {
  const rows = events.map(({ name, fires }) => `| [\`${name}\`](#${anchor(name)}) | ${fires} |`);
  return `| type | fires |\n|---|---|\n${rows.join('\n')}\n`;
}

function section(record: string, events: readonly DescribedEvent[], schemaOf: (name: string) => unknown): string {
  const [first] = events;
  const object = first && (schemaOf(first.name) as Schema).properties?.['data']?.properties?.['object'];
  const rows = object ? fieldRows(object, '') : '';
  return `\n## ${record}\n\n| field of \`data.object\` | type | meaning |\n|---|---|---|\n${rows}${events.map(entry).join('')}`;
}

const entry = (event: DescribedEvent): string =>
  `\n### \`${event.name}\`\n\n${descriptionOf(event)}\n\n\`\`\`json\n${JSON.stringify(event.example, null, 2)}\n\`\`\`\n`;

function envelopeRows({ properties = {} }: Schema): string {
  const type: Schema = { type: 'string', description: 'Its name below.' };
  const fields = Object.entries({ ...properties, type }).filter(([name]) => name !== 'data');
  const object = '| `data.object` | object | The record, by type below. |\n';
  const previous = '| `data.previous_attributes` | object, may be missing | The values before, of what changed. |\n';
  return `${fields.map(([name, field]) => row(name, field)).join('')}${object}${previous}`;
}

function fieldRows(schema: Schema, path: string): string {
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => {
      const full = `${path}${name}`;
      const inner = present(field);
      // The escalations of an onboarding are those of the section above.
      if (full === 'escalations') return row(full, { ...field, description: 'As under Escalation.' });
      const below = inner.items?.properties
        ? fieldRows(inner.items, `${full}[].`)
        : inner.properties
          ? fieldRows(inner, `${full}.`)
          : '';
      return `${row(full, field)}${below}`;
    })
    .join('');
}

const row = (name: string, schema: Schema): string =>
  `| \`${name}\` | ${typeOf(schema)} | ${(schema.description ?? '').replaceAll('|', '\\|')} |\n`;

/** What it is where it is not null. */
const present = (schema: Schema): Schema => schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;

function typeOf(schema: Schema): string {
  const { anyOf, enum: words, type, format } = schema;
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (words) return words.map((word) => (word === null ? 'null' : `\`${word}\``)).join(', ');
  if (format === 'date-time') return named('instant', type);
  if (format === 'date') return named('date', type);
  if (type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}

const named = (word: string, type: Schema['type']): string =>
  [type].flat().includes('null') ? `${word} or null` : word;

const anchor = (name: string): string => name.replace(/[^a-z_]/g, '');
