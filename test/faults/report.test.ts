import { describe, expect, it } from 'vitest';
import { spread } from './parts/figures.js';
import type { Finding } from './parts/finding.js';
import { tooSlow } from './recovery.js';
import { Report } from './report.js';

const RECOVERY = { readyMs: 4_000, signalledMs: 4_200, appliedMs: 6_000 };
const CALM = { readyMs: 0, signalledMs: 100, appliedMs: 200 };

const lost = (n: number, ...violations: string[]): Finding => ({ id: 'I1', what: 'events lost', n, violations });
const figures = (...findings: Finding[]) => ({ findings, events: 100, waits: spread([5, 7, 9]) });

describe('the table of a long run', () => {
  it('counts each fault with what it cut, and leaves out a strike that missed its point', () => {
    const report = new Report();
    report.struck('worker_killed_after_call', { met: true, cut: 3 }, RECOVERY);
    report.struck('worker_killed_after_call', { met: true, cut: 2 }, RECOVERY);
    report.struck('worker_killed_after_call', { met: false }, RECOVERY);

    expect(report.text()).toMatch(/C2 +worker_killed_after_call +2 +5 +0 +< 100\.0 % +4\.2 \/ 4\.2 +6\.0 \/ 6\.0/);
    expect(report.violations).toEqual([]);
  });

  it('adds the trials of eras up, each as it was last found', () => {
    const report = new Report();
    report.era('era-0', figures(lost(10)));
    report.era('era-0', figures(lost(40)));
    report.era('era-1', figures(lost(60)));

    expect(report.text()).toMatch(/I1 +events lost +0 +100 +< 3\.0 %/);
    expect(report.text()).toContain('200 events acknowledged');
    expect(report.text()).toContain('No violation.');
  });

  it('keeps the note of each era', () => {
    const report = new Report();
    report.era('era-0', figures({ ...lost(10), note: '2 recorded as late' }));
    report.era('era-1', figures({ ...lost(10), note: '' }));
    report.era('era-2', figures({ ...lost(10), note: '3 recorded as late' }));

    expect(report.text()).toMatch(/I1 +events lost +0 +30 +< 10\.0 % +2 recorded as late \| 3 recorded as late$/m);
  });

  it('keeps a violation that was found once, and tells it once', () => {
    const report = new Report();
    report.era('era-0', figures(lost(10, 'evt_7 was never signalled')));
    report.era('era-0', figures(lost(20, 'evt_7 was never signalled')));
    report.struck('server_rolled', { met: true, violations: ['server-1 took 11.0 s to end after SIGTERM'] }, RECOVERY);

    expect(report.violations).toEqual([
      'I1: evt_7 was never signalled',
      'server_rolled: server-1 took 11.0 s to end after SIGTERM',
    ]);
  });
});

describe('a recovery', () => {
  it('is counted from when all processes were ready again', () => {
    expect(tooSlow('temporal_refuses', RECOVERY, CALM)).toEqual([]);
    expect(tooSlow('temporal_refuses', { ...RECOVERY, readyMs: 0, signalledMs: 11_100 }, CALM)).toEqual([
      'an event was signalled 11.1 s after all was ready, 5.0 s are allowed beside the 0.1 s that it takes anyway',
    ]);
  });

  it('may take longer where everything does', () => {
    const slow = { readyMs: 0, signalledMs: 11_100, appliedMs: 12_000 };

    expect(tooSlow('temporal_refuses', slow, { ...CALM, signalledMs: 1_000 })).toEqual([]);
  });
});
