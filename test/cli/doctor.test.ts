import { describe, expect, it } from 'vitest';
import { examine } from '../../src/doctor/examine.js';
import type { Observations } from '../../src/doctor/observations.js';
import { TEMPORAL, WELL } from '../doctor/observations.js';
import { local } from './local-console.js';

const doctor = (seen: Partial<Observations>, words: string[] = [], columns = Infinity) =>
  local(['doctor', ...words], { columns, examine: () => Promise.resolve(examine({ ...WELL, ...seen })) });
const FAULT: Partial<Observations> = { temporal: { ...TEMPORAL, retentionDays: 3 } };
const WARNING: Partial<Observations> = {
  channels: { count: 2, problems: ['Channel hook cannot send.'], logAlone: [] },
};

describe('slipway doctor', () => {
  it('ends with 0 where all is well or only warned of, and with 1 at a fault', async () => {
    expect(await doctor({})).toEqual({ exit: 0, out: '20 ok, 0 warnings, 0 faults; --all shows them.\n', err: '' });
    expect(await doctor(WARNING)).toMatchObject({ exit: 0, out: expect.stringMatching(/^WARN {2}Channel hook/) });
    expect(await doctor(FAULT)).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^FAIL {2}Namespace slipway keeps .*\n {6}An event .*\n {6}Do: temporal operator/),
      err: '1 fault to mend.\n',
    });
  });

  it('shows what is well with --all, and fits the terminal', async () => {
    const { out } = await doctor({ ...FAULT, ...WARNING }, ['--all'], 80);

    expect(out).toContain('ok    The environment can be read.');
    for (const line of out.split('\n'))
      if (!line.includes('temporal operator')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('prints every finding as JSON', async () => {
    const { exit, out, err } = await doctor(FAULT, ['--json'], 80);

    const { ok, findings } = JSON.parse(out);
    expect([exit, ok, findings.length, err]).toEqual([1, false, 20, '1 fault to mend.\n']);
    expect(findings.find(({ level }: { level: string }) => level === 'fail')).toEqual({
      check: 'temporal',
      level: 'fail',
      what: expect.any(String),
      why: expect.any(String),
      fix: expect.any(String),
    });
  });
});
