import { describe, expect, it } from 'vitest';
import { examine } from '../../src/doctor/examine.js';
import type { ArchiveSeen, Observations, StoreSeen, TemporalSeen } from '../../src/doctor/observations.js';
import { ARCHIVE, NOW, STORE, TEMPORAL, WELL } from './observations.js';

const store = (more: Partial<StoreSeen>): Partial<Observations> => ({ store: { ...STORE, ...more } });
const archive = (more: Partial<ArchiveSeen>): Partial<Observations> => store({ archive: { ...ARCHIVE, ...more } });
const temporal = (more: Partial<TemporalSeen>): Partial<Observations> => ({ temporal: { ...TEMPORAL, ...more } });
const source = (secrets: Observations['sources'][number]['secrets']): Partial<Observations> => ({
  sources: [{ name: 'pivotal', mode: 'live', variable: 'PIVOTAL_WEBHOOK_SECRET', secrets }],
});
const deliveries = (skewS: number) =>
  archive({
    deliveries: [skewS, skewS, skewS, -9_999, 9_999].map((s) => ({
      source: 'pivotal',
      signedAt: NOW,
      receivedAt: NOW + s * 1000,
    })),
  });
const HOUR = 3_600_000;

const bad = (seen: Partial<Observations>) => examine({ ...WELL, ...seen }).filter(({ level }) => level !== 'ok');

describe('a Slipway that is well', () => {
  it('has every check say so, and nothing to do', () => {
    const findings = examine(WELL);

    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual([
      'settings',
      'running',
      'data_directory',
      'ports',
      'secrets',
      'policy',
      'channels',
      'store',
      'temporal',
      'clock',
      'feed',
    ]);
  });
});

/** What is wrong, the check that says so, how loud, and what the sentences must name. */
const WRONG: readonly (readonly [
  what: string,
  seen: Partial<Observations>,
  check: string,
  level: 'warn' | 'fail',
  words: string,
])[] = [
  ['an environment without sense', { settings: 'SLIPWAY_PORT is "x".' }, 'settings', 'fail', 'SLIPWAY_PORT'],
  ['a warning of the console', { console: { ...WELL.console, warnings: ['Hm.'] } }, 'running', 'warn', 'Hm.'],
  [
    'another program on the console port',
    { console: { ...WELL.console, state: 'foreign' } },
    'running',
    'fail',
    'no Slipway',
  ],
  [
    'a token that is not given',
    { console: { ...WELL.console, state: 'locked' } },
    'running',
    'warn',
    'SLIPWAY_API_TOKEN',
  ],
  [
    'a data directory that cannot be written',
    { dataDirectory: { ...WELL.dataDirectory!, writable: false } },
    'data_directory',
    'fail',
    'SLIPWAY_DATA_DIR',
  ],
  [
    'secrets that others may read',
    { dataDirectory: { ...WELL.dataDirectory!, readableByOthers: ['webhook-secret'] } },
    'data_directory',
    'fail',
    'chmod 600 /srv/slipway/webhook-secret',
  ],
  [
    'an open data directory',
    { dataDirectory: { ...WELL.dataDirectory!, mode: 0o755 } },
    'data_directory',
    'warn',
    'chmod 711',
  ],
  [
    'a disk that is nearly full',
    { dataDirectory: { ...WELL.dataDirectory!, freeBytes: 5e8 } },
    'data_directory',
    'warn',
    '0.5 GiB',
  ],
  [
    'a port that is taken',
    { ports: [{ variable: 'SLIPWAY_PORT', port: 8787, state: 'taken', detail: null }] },
    'ports',
    'fail',
    'SLIPWAY_PORT',
  ],
  [
    'a port that is refused',
    { ports: [{ variable: 'SLIPWAY_PORT', port: 80, state: 'refused', detail: 'EACCES' }] },
    'ports',
    'fail',
    'EACCES',
  ],
  ['one port for two', { ports: WELL.ports.map((one) => ({ ...one, port: 1 })) }, 'ports', 'fail', 'Two listeners'],
  ['a missing secret', source({ state: 'missing' }), 'secrets', 'fail', 'PIVOTAL_WEBHOOK_SECRET'],
  ['a malformed secret', source({ state: 'malformed', problem: 'It has no prefix.' }), 'secrets', 'fail', 'no prefix'],
  ['a secret of its own making', source({ state: 'own', count: 1 }), 'secrets', 'warn', 'PIVOTAL_WEBHOOK_SECRET'],
  [
    'signatures that match nothing',
    archive({ rejections: { no_matching_signature: 20 } }),
    'secrets',
    'warn',
    'explain-signature',
  ],
  [
    'a policy that is not valid',
    { policy: { path: 'p.yaml', hash: null, problems: ['line 3: no.'], changes: null } },
    'policy',
    'fail',
    'line 3: no.',
  ],
  [
    'a policy that is not in force',
    { policy: { path: 'p.yaml', hash: 'x', problems: [], changes: ['a: 1 -> 2', 'b', 'c', 'd'] } },
    'policy',
    'warn',
    'a: 1 -> 2; b; c and 1 more',
  ],
  [
    'a channel without its secret',
    { channels: { count: 2, problems: ['Channel hook cannot send: X is not set.'], logAlone: [] } },
    'channels',
    'warn',
    'hook',
  ],
  [
    'a policy that reaches nobody',
    { channels: { count: 1, problems: [], logAlone: 'everybody' } },
    'channels',
    'warn',
    'No channel reaches a person',
  ],
  [
    'people whom lines of the log alone tell',
    { channels: { count: 2, problems: [], logAlone: ['mia', 'tom'] } },
    'channels',
    'warn',
    'mia, tom',
  ],
  [
    'a store that does not answer',
    { store: { unseen: 'The PostgreSQL of DATABASE_URL does not answer (ECONNREFUSED).', expected: false } },
    'store',
    'fail',
    'DATABASE_URL',
  ],
  ['an old PostgreSQL', store({ version: 130_012 }), 'store', 'fail', 'PostgreSQL 13'],
  ['a read-only store', store({ writable: false }), 'store', 'fail', 'read-only'],
  [
    'a store without its tables',
    store({ migrations: { missing: ['0001-inbox'], unknown: [] }, archive: null }),
    'store',
    'fail',
    'slipway migrate',
  ],
  [
    'a store of a newer version',
    store({ migrations: { missing: [], unknown: ['0099-next'] } }),
    'store',
    'fail',
    '0099-next',
  ],
  [
    'a Temporal server that does not answer',
    { temporal: { unseen: 'Temporal at x does not answer.', expected: false } },
    'temporal',
    'fail',
    'TEMPORAL_*',
  ],
  ['a namespace that is not there', temporal({ namespaceId: null }), 'temporal', 'warn', 'no namespace slipway'],
  ['another Temporal server', temporal({ namespaceId: 'ns-2' }), 'temporal', 'fail', 'another Temporal server'],
  ['a short retention', temporal({ retentionDays: 3 }), 'temporal', 'fail', '--retention 90d'],
  [
    'a missing search attribute',
    temporal({ attributes: { missing: ['OnbLevel=Int'], mistyped: [] } }),
    'temporal',
    'fail',
    '--name OnbLevel --type Int',
  ],
  [
    'a search attribute of another type',
    temporal({ attributes: { missing: [], mistyped: ['OnbLevel'] } }),
    'temporal',
    'fail',
    'OnbLevel',
  ],
  ['no worker', temporal({ workers: 0 }), 'temporal', 'fail', 'slipway worker'],
  [
    'workflows that stand still',
    temporal({ stuck: { count: 7, examples: ['onboarding/main/a'] } }),
    'temporal',
    'fail',
    '7 workflows stand still: onboarding/main/a …',
  ],
  ['a clock half a minute off', deliveries(45), 'clock', 'warn', "45 s ahead of the sender's"],
  ['a clock that is far behind', deliveries(-280), 'clock', 'fail', "280 s behind the sender's"],
  [
    'timestamps that were refused',
    archive({ rejections: { stale_timestamp: 2, future_timestamp: 1 } }),
    'clock',
    'warn',
    '3 deliveries',
  ],
  ['a feed that never began', archive({ lastReceivedAt: null }), 'feed', 'warn', 'No event has ever arrived'],
  ['a feed that fell silent', archive({ lastReceivedAt: NOW - 100 * HOUR }), 'feed', 'warn', '4 days ago'],
  [
    'events that nobody hands on',
    archive({ pending: 4, oldestPendingAt: NOW - HOUR }),
    'feed',
    'fail',
    '4 events wait',
  ],
  [
    'a source of two orgs',
    archive({ orgs: [{ source: 'pivotal', orgs: ['org_1', 'org_2'] }] }),
    'feed',
    'warn',
    'org_1, org_2',
  ],
];

describe('the doctor', () => {
  it.each(WRONG)('names %s, why it matters, and what to do', (_what, seen, check, level, words) => {
    const findings = bad(seen).filter((one) => one.level !== 'skipped');

    expect(findings).toMatchObject([{ check, level }]);
    const [finding] = findings;
    expect(`${finding?.what} ${finding?.fix}`).toContain(words);
    for (const sentence of [finding?.what, finding?.why, finding?.fix]) expect(sentence?.length).toBeGreaterThan(2);
  });

  it('leaves out what needs a running Slipway where none runs, and finds no fault in that', () => {
    const unseen = { unseen: 'It does not run.', expected: true };
    const findings = bad({ console: { ...WELL.console, state: 'down' }, store: unseen, temporal: unseen });

    expect(findings.map(({ check, level }) => [check, level])).toEqual([
      ['store', 'skipped'],
      ['temporal', 'skipped'],
      ['clock', 'skipped'],
      ['feed', 'skipped'],
    ]);
  });

  it('calls a passing backlog, a small skew, an absent worker of a stopped Slipway and an unread policy no fault', () => {
    const calm = [
      archive({ pending: 3, oldestPendingAt: NOW - 60_000 }),
      deliveries(20),
      { policy: { path: 'p', hash: 'x', problems: [], changes: null } },
      { dataDirectory: null },
      { dataDirectory: { ...WELL.dataDirectory!, exists: false, mode: null } },
    ];
    for (const seen of calm) expect(bad(seen)).toEqual([]);
    const stopped = bad({ ...temporal({ workers: 0, stuck: null }), console: { ...WELL.console, state: 'down' } });
    expect(stopped.map(({ level }) => level)).toEqual(['skipped', 'skipped']);
    expect(bad(archive({ deliveries: [] })).map(({ level }) => level)).toEqual(['skipped']);
  });
});
