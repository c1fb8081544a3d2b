import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

let world: World;
let api: Served;
let dir: string;
const run = (...words: string[]) => slipway(api.url, ['policy', ...words]);
const file = (text: string): string => {
  const at = path.join(dir, 'slipway.yaml');
  writeFileSync(at, text);
  return at;
};
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'));
  world = new World();
  api = await serve(world.deps());
});
afterEach(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

const NEW = 'workspace: {}\nsettle: 5 minutes\nroles: { exec_sponsor: tom }\npeople: [{ id: tom }]\n';

describe('slipway policy', () => {
  it('show prints what can be saved as slipway.yaml', async () => {
    expect((await run('show')).out).toBe('# hash-1, in force since 2026-11-22 10:00 UTC\nworkspace: {}\n');
  });

  it('schema prints what editors complete and check by, without a console', async () => {
    await api.close();

    const { exit, out } = await run('schema');

    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'object', properties: { people: expect.anything() } });
  });

  it('schema writes a file and says how an editor finds it, or why it could not', async () => {
    const at = path.join(dir, 'slipway.schema.json');

    const { exit, out } = await run('schema', at);

    expect([exit, JSON.parse(readFileSync(at, 'utf8'))]).toEqual([0, JSON.parse((await run('schema')).out)]);
    expect(out.trimEnd().split('\n').at(-1)).toBe(`# yaml-language-server: $schema=${at}`);
    expect(await run('schema', path.join(dir, 'none', 'x.json'))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('ENOENT'),
    });
  });

  it('validate names line and column of what is wrong, and exits with 1', async () => {
    const good = file('workspace: {}\n');
    expect(await run('validate', good)).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/is valid: policy \w+\.\n$/),
    });

    const { exit, out, err } = await run('validate', file('nonsense'));

    expect(exit).toBe(1);
    expect(out).toBe(`${good}:3:5: ladders.nudge[0].after: "soon" is no length of time\n`);
    expect(err).toBe(`${good} is not valid: 1 problem.\n`);
  });

  it('diff tells what a file would change, and exits with 1 for it only where --check is given', async () => {
    const { exit, out } = await run('diff', file(NEW));

    expect(exit).toBe(0);
    expect(out.split('\n').slice(1, 4)).toEqual([
      '+ people.tom: added { emails: [], id: tom, pivotal_ids: [], time_off: [] }',
      '+ roles.exec_sponsor: added tom',
      '~ settle: 2 minutes -> 5 minutes',
    ]);
    expect((await run('diff', file(NEW), '--check')).exit).toBe(1);
    expect(await run('diff', file('workspace: {}\n'), '--check')).toMatchObject({ exit: 0, err: '' });
  });

  it('diff without a file tells what the latest publication changed, or what lies between two', async () => {
    const { out } = await run('publish', file(NEW));
    const hash = /Policy (\w+) is in force/.exec(out)?.[1] ?? '';

    expect((await run('diff')).out).toContain(`From hash-1 to ${hash}, 3 changes:`);
    expect((await run('diff', '--from', hash, '--to', 'hash-1')).out).toContain('~ settle: 5 minutes -> 2 minutes');
    expect((await run('diff', '--from', 'nobody')).exit).toBe(4);
    expect((await run('diff', file(NEW), '--to', hash)).exit).toBe(2);
  });

  it('publish shows what changes and says when it changes nothing', async () => {
    const first = await run('publish', file(NEW));

    expect([first.exit, first.out]).toEqual([0, expect.stringContaining('~ settle: 2 minutes -> 5 minutes')]);
    expect(world.told).toHaveLength(1);
    expect((await run('publish', file(NEW))).out).toMatch(/^Policy \w+ was in force already\.\n$/);
    expect(await run('publish', file('nonsense'))).toMatchObject({ exit: 1, out: '' });
  });

  it('publish works for the very first policy', async () => {
    world.published.length = 0;

    expect((await run('publish', file(NEW))).out).toMatch(/^Policy \w+ is in force; /);
  });

  it('history lists publications, the one in force marked', async () => {
    await run('publish', file(NEW));

    const lines = (await run('history')).out.trimEnd().split('\n');

    expect(lines[1]).toMatch(/^\w+ +2026-11-23 10:00 +in force$/);
    expect(lines[2]).toBe('hash-1        2026-11-22 10:00');
    expect(JSON.parse((await run('history', '--limit', '1', '--json')).out).data).toHaveLength(2);
    world.published.length = 0;
    expect((await run('history')).out).toBe('No policy was published yet.\n');
  });

  it('names a file that is not there', async () => {
    const { exit, err } = await run('validate', path.join(dir, 'none.yaml'));

    expect([exit, err]).toEqual([2, expect.stringContaining('there is no such file')]);
  });
});
