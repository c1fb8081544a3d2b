import type { ArchiveSeen, Observations, StoreSeen, TemporalSeen } from '../../src/doctor/observations.js';

export const NOW = Date.parse('2026-11-24T12:00:00Z');

export const ARCHIVE: ArchiveSeen = {
  deliveries: Array.from({ length: 9 }, (_, i) => ({
    source: 'pivotal',
    signedAt: NOW - i * 1000,
    receivedAt: NOW - i * 1000 + 400,
  })),
  rejections: {},
  pending: 0,
  oldestPendingAt: null,
  lastReceivedAt: NOW - 60_000,
  orgs: [{ source: 'pivotal', orgs: ['org_1'] }],
  inForce: { hash: 'abc', publishedAt: NOW },
  namespaceId: 'ns-1',
};
export const STORE: StoreSeen = {
  kind: 'external',
  version: 180_004,
  writable: true,
  migrations: { missing: [], unknown: [] },
  archive: ARCHIVE,
};
export const TEMPORAL: TemporalSeen = {
  address: 'temporal:7233',
  namespace: 'slipway',
  namespaceId: 'ns-1',
  retentionDays: 90,
  attributes: { missing: [], mistyped: [] },
  stuck: { count: 0, examples: [] },
  workers: 2,
};
/** A Slipway in which all is well. */
export const WELL: Observations = {
  now: NOW,
  settings: null,
  console: { url: 'http://127.0.0.1:8788', state: 'up', version: '0.1.0', warnings: [] },
  dataDirectory: {
    path: '/srv/slipway',
    exists: true,
    writable: true,
    mode: 0o700,
    readableByOthers: [],
    freeBytes: 9e10,
  },
  sources: [
    { name: 'pivotal', mode: 'live', variable: 'PIVOTAL_WEBHOOK_SECRET', secrets: { state: 'good', count: 1 } },
  ],
  ports: [
    { variable: 'SLIPWAY_PORT', port: 8787, state: 'ours', detail: null },
    { variable: 'SLIPWAY_CONSOLE_PORT', port: 8788, state: 'free', detail: null },
  ],
  store: STORE,
  temporal: TEMPORAL,
  policy: { path: 'slipway.yaml', hash: 'abc', problems: [], changes: [] },
  channels: { count: 2, problems: [], logAlone: [] },
};
