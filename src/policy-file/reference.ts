import { policyJsonSchema } from './json-schema.js';
import { DURATION_OR_OFF_PATTERN, DURATION_PATTERN } from './words.js';

/** The part of JSON Schema that the policy's schema is made of. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly fallback: string;
  readonly meaning: string;
}

const INTRO = `# Configuration

<!-- Generated from the schema in src/policy-file by configurationReference(); a test compares the two. -->

\`slipway.yaml\` says whom to chase, when, and how. \`SLIPWAY_CONFIG\` names the file; without it \`slipway.yaml\` of the working
directory is read, and without that one the default policy works as long as no other was published:
[config/slipway.yaml](../config/slipway.yaml) writes it out with comments. Every key may be left out. A file with a mistake
in it is refused as a whole, and everything that is wrong is told at once, each with its line. Secrets are never written
into it: keys that end in \`_env\` name the environment variable that holds one.

**In an editor** with the YAML language server (VS Code: Red Hat's extension), \`slipway policy schema slipway.schema.json\`
and \`# yaml-language-server: $schema=slipway.schema.json\` as the first line of the file complete keys, explain them, and
mark most mistakes as you type.

**Lengths of time** are written \`3 working days\`, \`4 working hours\`, \`2 days\`, \`12 hours\` or \`90 minutes\`. Working time
counts only while a calendar is open; the others run through nights and weekends.

- \`n working days\` later is the same time of day n working days later, moved into that day's hours: Friday 10:20 plus
  \`1 working day\` is Monday 10:20.
- Closed time counts from the next opening: Friday 18:00 plus \`1 working day\` is Tuesday 09:00 where Monday opens at 09:00.
- When a clock stops, what remains is the open time up to the instant it would have been due; when it goes on, it is due
  that much open time later.
- A time that daylight saving skips is the end of the gap; of a time that comes twice, the first counts.

A small file that is complete:

\`\`\`yaml
workspace: { time_zone: Europe/Berlin }
calendars:
  office: { hours: { mon-fri: "09:00-17:00" }, holidays: { country: DE, region: BE } }
people:
  - { id: mia, name: Mia Park, emails: [mia@vendor.example], manager: tom }
  - { id: tom, name: Tom Reyes, emails: [tom@vendor.example] }
channels:
  email: { type: email, smtp_url_env: SMTP_URL, from: "Slipway <slipway@vendor.example>" }
fallback: { to: [tom], channels: [email, log] }
\`\`\`
`;

const OUTRO = `## Holidays

Holidays come from the package \`date-holidays\`; its data is licensed CC BY-SA 3.0. They are looked up when the file is
loaded, from last year to four years ahead, and become part of the policy's version.
`;

/** The text of \`docs/configuration.md\`. */
export function configurationReference(): string {
  const schema = policyJsonSchema() as Node;
  const sections = Object.entries(schema.properties ?? {}).map(([key, node]) => sectionOf(key, node));
  return [INTRO, ...sections, OUTRO].join('\n');
}

function sectionOf(key: string, node: Node): string {
  const rows = rowsOf(key, node);
  const lines = [`## \`${key}\``, '', `${node.description ?? ''}${valueSentence(node, rows)}`, ''];
  if (rows.length > 0) lines.push('| key | value | default | meaning |', '|---|---|---|---|', ...rows.map(line), '');
  return lines.join('\n');
}

function valueSentence(node: Node, rows: readonly Row[]): string {
  const value = rows.length > 0 ? '' : ` Value: ${valueOf(node)}.`;
  const fallback = node.properties ? '' : fallbackOf(node);
  return fallback === '' ? value : `${value} Default: ${fallback}.`;
}

function rowsOf(path: string, node: Node): Row[] {
  const branches = node.anyOf ?? node.oneOf;
  if (branches) return branches.flatMap((branch) => rowsOf(path, branch));
  if (node.items) return rowsOf(`${path}[]`, node.items);
  if (typeof node.additionalProperties === 'object') {
    const name = `${path}.<name>`;
    const inner = rowsOf(name, node.additionalProperties);
    return inner.length > 0 ? inner : [rowOf(name, node.additionalProperties, false)];
  }
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const required = node.required?.includes(key) ?? false;
    return [rowOf(`${path}.${key}`, child, required), ...rowsOf(`${path}.${key}`, child)];
  });
}

function rowOf(key: string, node: Node, required: boolean): Row {
  return {
    key,
    value: valueOf(node),
    fallback: required ? 'required' : fallbackOf(node),
    meaning: node.description ?? '',
  };
}

function line({ key, value, fallback, meaning }: Row): string {
  return `| \`${key}\` | ${value} | ${fallback} | ${meaning} |`;
}

/** What kind of value a key takes, in words. */
function valueOf(node: Node): string {
  const branches = node.anyOf ?? node.oneOf;
  if (branches) return branches.map(valueOf).join(' or ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum) return node.enum.map((word) => `\`${word}\``).join(', ');
  if (node.pattern === DURATION_PATTERN) return 'length of time';
  if (node.pattern === DURATION_OR_OFF_PATTERN) return 'length of time or `off`';
  if (node.type === 'array') return `list of ${node.items ? valueOf(node.items) : 'values'}`;
  const kinds: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: '`true` or `false`',
    object: 'settings',
  };
  return kinds[node.type ?? ''] ?? node.type ?? '';
}

function fallbackOf(node: Node): string {
  const value = node.default;
  if (value === undefined || isEmpty(value)) return '';
  return `\`${typeof value === 'string' ? value : written(value)}\``;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** As it would stand in the file, on one line. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${key}: ${written(part)}`)
    .join(', ')} }`;
}
