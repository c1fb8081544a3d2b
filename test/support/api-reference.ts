type Json = Record<string, unknown>;

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Json;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content: Record<string, { readonly schema: Json }> }
  >;
  readonly 'x-slipway-role'?: string;
}
export interface ApiDocument {
  readonly info: { readonly description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
}

/** Said once, at the head of the page. */
const COMMON = new Set([
  'MalformedRequest',
  'Unauthorized',
  'Forbidden',
  'ForeignHost',
  'TooManyRequests',
  'Internal',
  'StoreUnavailable',
  'MalformedJson',
  'ForeignOrigin',
  'TooLarge',
  'UnsupportedMediaType',
  'UnderWay',
  'KeyReused',
  'AlreadyDone',
]);

const HEAD = `# Console API

<!-- Generated from the OpenAPI document by test/support/api-reference.ts; test/api/reference.test.ts compares the two (run it with -u). -->

The console port (8788) answers JSON over HTTP. \`GET /openapi.json\` is the same as this page for programs: OpenAPI 3.1,
generated from the very schemas that requests are validated with.

- **Who may ask.** \`Authorization: Bearer <token>\` with a named token (\`slipway tokens create\`) or with the value of
  \`SLIPWAY_API_TOKEN\`. Each route names the least role: viewer, operator, admin; each may do what the ones before it may.
  Without any token set, the console answers this machine alone.
- **Instants** are ISO 8601 in UTC, civil dates \`YYYY-MM-DD\`, names snake_case. A field or parameter that is not described
  is refused, with its name.
- **Lists** are pages of \`{data, next_cursor}\`; \`cursor\` of the next request is \`next_cursor\` of the last answer.
- **Errors** are \`{"error":{"type","code","message"}}\`; \`code\` is one of the words under each route, \`message\` says what
  happened and what to do. 429 and 503 say in \`Retry-After\` when to come again.
- **Refusals of any route:** 400 \`MalformedRequest\`, 401 \`Unauthorized\`, 403 \`Forbidden\` (the role) and \`ForeignHost\` (by
  name, without a token), 429 \`TooManyRequests\`, 500 \`Internal\`, 503 \`StoreUnavailable\`; of any POST beside them: 400
  \`MalformedJson\`, 403 \`ForeignOrigin\` (a page of another site), 413 \`TooLarge\`, 415 \`UnsupportedMediaType\`; of any change:
  409 \`UnderWay\`, 409 \`AlreadyDone\` (its answer is not kept) and 422 \`KeyReused\` (all of its \`Idempotency-Key\`). Each route names what it may say beside these.
- **Changes** take an \`Idempotency-Key\` of your choice: a repeat within 24 hours is answered as the first was, and done once.
  Each change is one line of the audit log, written before it is answered.

\`\`\`console
$ curl -s -H "Authorization: Bearer $SLIPWAY_API_TOKEN" http://127.0.0.1:8788/api/v1/onboardings?health=stuck
\`\`\`

`;

/** The page of an OpenAPI document: routes by the first word of their path, then the shapes they speak of. */
export function apiReference(document: ApiDocument): string {
  const groups = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const group = groupOf(path);
      groups.set(group, [...(groups.get(group) ?? []), route(method, path, operation)]);
    }
  const routes = [...groups].map(([group, parts]) => `## ${group}\n\n${parts.join('\n')}`);
  const shapes = Object.entries(document.components.schemas).map(([name, schema]) => shape(name, schema));
  return (
    `${HEAD}${routes.join('\n')}\n## Shapes\n\nA field marked ? may be absent.\n\n${shapes.join('\n')}`.trimEnd() + '\n'
  );
}

function groupOf(path: string): string {
  const word = /^\/api\/v1\/([\w-]+)/.exec(path)?.[1] ?? (path.startsWith('/codec') ? 'codec' : 'beside the API');
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function route(method: string, path: string, operation: Operation): string {
  const role = operation['x-slipway-role'];
  const lines = [
    `### \`${method.toUpperCase()} ${path}\``,
    '',
    `${operation.summary}. ${role ? `Role: ${role}.` : 'Open to anybody who reaches the port.'}`,
  ];
  const asked = operation.parameters.filter((one) => one.in === 'query');
  if (asked.length) {
    lines.push('', '| query | value | meaning |', '|---|---|---|');
    for (const { name, required, schema, description } of asked)
      lines.push(
        `| \`${name}\`${required ? ' (required)' : ''} | ${cell(typeOf(schema))} | ${cell(description ?? '')} |`,
      );
  }
  const body = Object.entries(operation.requestBody?.content ?? {});
  if (body.length)
    lines.push('', `Body: ${body.map(([type, { schema }]) => `${typeOf(schema)} (\`${type}\`)`).join(' or ')}.`);
  const { 200: done, ...refused } = operation.responses;
  const answers = Object.entries(done?.content ?? {}).map(([type, { schema }]) =>
    schema['$ref'] ? typeOf(schema) : `\`${type}\``,
  );
  const own = Object.entries(refused).flatMap(([status, { description }]) => {
    const codes = description.split(', ').filter((code) => !COMMON.has(code));
    return codes.length ? [`${status} ${codes.map((code) => `\`${code}\``).join(', ')}`] : [];
  });
  lines.push('', `Answers ${answers.join(' or ')}.${own.length ? ` Refuses with ${own.join('; ')}.` : ''}`, '');
  return lines.join('\n');
}

function shape(name: string, schema: Json): string {
  const lines = [`### ${name}`, ''];
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, Json>);
  if (typeof schema['description'] === 'string') lines.push(schema['description'], '');
  if (!fields.length) return [...lines, typeOf(schema), ''].join('\n');
  const required = new Set((schema['required'] ?? []) as string[]);
  lines.push('| field | value | meaning |', '|---|---|---|');
  for (const [field, value] of fields)
    lines.push(
      `| \`${field}\`${required.has(field) ? '' : '?'} | ${cell(typeOf(value))} | ${cell(textOf(value['description']))} |`,
    );
  return [...lines, ''].join('\n');
}

/** What a JSON Schema takes, in a few words. */
function typeOf(schema: Json): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined;
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ');
  const words = schema['enum'] as unknown[] | undefined;
  if (words) return words.map((word) => `\`${String(word)}\``).join(', ');
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``;
  const types = schema['type'];
  if (Array.isArray(types)) return types.map((type: unknown) => ofType({ ...schema, type })).join(' or ');
  return ofType(schema);
}

function ofType(schema: Json): string {
  const { type, format, items, minimum, maximum, maxLength, properties, additionalProperties } = schema as Record<
    string,
    Json
  > & { type?: string; format?: string; minimum?: number; maximum?: number; maxLength?: number };
  switch (type) {
    case 'array':
      return items ? `list of ${typeOf(items)}` : 'list';
    case 'object':
      return objectType(properties, additionalProperties, new Set((schema['required'] ?? []) as string[]));
    case 'string':
      return format === 'date-time'
        ? 'instant'
        : format === 'date'
          ? 'date'
          : maxLength
            ? `text, at most ${maxLength}`
            : 'text';
    case 'integer':
    case 'number':
      return `${type === 'integer' ? 'whole number' : 'number'}${bounds(minimum, maximum)}`;
    case undefined:
      return 'anything';
    default:
      return type === 'boolean' ? 'true or false' : type;
  }
}

function objectType(properties: Json | undefined, others: Json | undefined, required: ReadonlySet<string>): string {
  if (!properties)
    return others && typeof others === 'object' && Object.keys(others).length
      ? `object of ${typeOf(others)}`
      : 'object';
  const fields = Object.entries(properties as Record<string, Json>);
  return `{ ${fields.map(([name, value]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(value)}`).join('; ')} }`;
}

function bounds(minimum: number | undefined, maximum: number | undefined): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : '';
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : '';
  return from + to;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
