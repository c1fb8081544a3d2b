import { SEED_TYPES } from '../../../src/simulator/event.js';

/** A body that a sender with a good signature might post, and must not hurt by. */
export interface OddBody {
  readonly name: string;
  readonly bytes: Buffer;
  /** Not UTF-8: no signature covers it. */
  readonly isText: boolean;
}

const text = (name: string, body: string): OddBody => ({ name, bytes: Buffer.from(body, 'utf8'), isText: true });
const bytes = (name: string, body: readonly number[]): OddBody => ({ name, bytes: Buffer.from(body), isText: false });

const event = (fields: string): string => `{"id":"evt_odd","type":"onboarding.created","data":{"object":{${fields}}}}`;
const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

// biome-ignore format: a list
const BROKEN_JSON: readonly string[] = [
  '', ' ', '{', '}', '[', ']', '"', '{"', '{"id"', '{"id":', '{"id":"a"', '{"id":"a",}', '{id:"a"}', "{'id':'a'}", '{"id":"a"}}',
  '{"id":"a"} x', '[1,]', '01', '1.', '.5', '+1', '0x10', 'NaN', 'Infinity', 'undefined', 'nul', 'TRUE', '"\n"', '"\u0001"',
  '"\\x41"', '"\\u12"', '/* */{}', '// x', '{"a":1,"a"}', '--', '\0', '{"id":"a"\0}', '<xml/>', 'id=a&type=b', '\uFEFF{}',
];
// biome-ignore format: a list
const WHOLE_JSON: readonly string[] = [
  'null', 'true', 'false', '0', '-0', '1e400', '-1e400', '1e-400', '""', '"evt_1"', '[]', '{}', '[[]]', '[{}]', '[null]',
  '{"id":null}', '{"id":7,"type":"x"}', '{"id":[],"type":"x"}', '{"id":{},"type":"x"}', '{"id":"","type":"x"}',
  '{"id":" ","type":"x"}', '{"id":"a"}', '{"type":"x"}', '{"id":"a","type":null}', '{"id":"a","type":""}',
  '{"id":"a","type":7}', '{"id":"a","type":[]}', '{"id":true,"type":true}', '{"ID":"a","TYPE":"b"}', '9007199254740993',
];
// biome-ignore format: a list
const KEYS_OF_JAVASCRIPT = [
  '__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'then', 'toJSON',
  'length', 'isPrototypeOf', '__lookupSetter__',
] as const;
// biome-ignore format: a list
const ODD_VALUES: readonly string[] = [
  '1e400', '-0', '9007199254740993', '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u202e"', '""', '" "', 'null', 'true',
  '[]', '{}', '[null]', '{"id":"onb_1"}', '"2026-02-30"', '"9999-12-31T23:59:60Z"', '"-000001-01-01"', '"1e5"', '-1',
  `"${'x'.repeat(5_000)}"`, `"${'é'.repeat(3_000)}"`, '"<script>"', "\"'; drop table inbox; --\"", '"$(id)"', '"${7*7}"', '"%s%n"',
];
const FIELDS = ['id', 'name', 'phase', 'state', 'owner_email', 'target_launch_date', 'customer_id'] as const;

/** A7 and A8: over 300 of them, in broken JSON, odd JSON, odd values, keys of JavaScript at every depth, and bytes. */
export const ODD_BODIES: readonly OddBody[] = [
  ...BROKEN_JSON.map((body, n) => text(`broken JSON ${n}: ${JSON.stringify(body).slice(0, 20)}`, body)),
  ...WHOLE_JSON.map((body, n) => text(`odd JSON ${n}: ${body.slice(0, 20)}`, body)),
  ...FIELDS.flatMap((field) =>
    ODD_VALUES.map((value) => text(`${field} = ${value.slice(0, 20)}`, event(`"id":"onb_odd","${field}":${value}`))),
  ),
  ...KEYS_OF_JAVASCRIPT.flatMap((key) => [
    text(`${key} as the customer's id`, event(`"id":"onb_${key}","customer_id":"${key}","phase":"kickoff"`)),
    text(`${key} as the onboarding's id`, event(`"id":"${key}","phase":"kickoff","state":"active"`)),
    text(`${key} as the event's id`, `{"id":"${key}","type":"onboarding.created","data":{"object":{"id":"onb_odd"}}}`),
    text(`${key} as the type`, `{"id":"evt_odd","type":"${key}","data":{"object":{"id":"onb_odd"}}}`),
    text(`${key} as a phase`, event(`"id":"onb_odd","phase":"${key}","state":"${key}"`)),
    ...[0, 1, 2, 5, 50].map((depth) =>
      text(
        `${key} at depth ${depth}`,
        event(`"id":"onb_odd","x":${nest(depth, `{"${key}":{"polluted":1,"isAdmin":true}}`)}`),
      ),
    ),
    text(
      `${key} in the envelope`,
      `{"${key}":{"polluted":1},"id":"evt_odd","type":"x","data":{"${key}":{"polluted":1}}}`,
    ),
  ]),
  text('100,000 brackets', '['.repeat(100_000)),
  text('100,000 closed brackets', nested('[', ']', 100_000)),
  text('20,000 objects', nested('{"a":', '}', 20_000).replace('}', '1}')),
  text('a record 5,000 objects deep', event(`"id":"onb_odd","x":${nested('{"a":', '}', 5_000).replace('}', '1}')}`)),
  text(
    'every key twice',
    '{"id":"evt_odd","id":"evt_odd2","type":"x","type":"onboarding.created","data":{},"data":[]}',
  ),
  text('10,000 keys', event(`"id":"onb_odd",${Array.from({ length: 10_000 }, (_, n) => `"k${n}":${n}`).join(',')}`)),
  bytes('a lone continuation byte', [0x22, 0x80, 0x22]),
  bytes('a cut sequence', [0x22, 0xe2, 0x82, 0x22]),
  bytes('an overlong slash', [0x22, 0xc0, 0xaf, 0x22]),
  bytes('a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]),
  bytes('beyond the last code point', [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22]),
  bytes('UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  bytes('gzip', [0x1f, 0x8b, 0x08, 0x00, 0x00]),
  ...versions(),
];

function nest(depth: number, inner: string): string {
  return '{"a":'.repeat(depth) + inner + '}'.repeat(depth);
}

/** A9: each type with fields of a newer version, with a field of another kind, and with none; and 50 types nobody knows. */
function versions(): OddBody[] {
  const known = SEED_TYPES.flatMap((type) => [
    text(
      `${type}, newer`,
      `{"id":"evt_odd","type":"${type}","api_version":"v9","extra":{"deep":[1]},"data":{"object":{"id":"x_1","onboarding_id":"onb_odd","customer_id":"cus_odd","new_field":{"a":1}}}}`,
    ),
    text(`${type}, without a record`, `{"id":"evt_odd","type":"${type}"}`),
    text(`${type}, without an id`, `{"id":"evt_odd","type":"${type}","data":{"object":{"phase":"uat"}}}`),
    text(`${type}, record as a list`, `{"id":"evt_odd","type":"${type}","data":{"object":[1,2]}}`),
    text(
      `${type}, every field a number`,
      `{"id":"evt_odd","type":"${type}","created_at":7,"org_id":7,"livemode":7,"data":{"object":{"id":7,"phase":7,"state":7,"name":7}}}`,
    ),
  ]);
  const unknown = Array.from({ length: 50 }, (_, n) =>
    text(`unknown type ${n}`, `{"id":"evt_odd","type":"galaxy.${n}_formed","data":{"object":{"mass":${n}}}}`),
  );
  return [...known, ...unknown];
}
