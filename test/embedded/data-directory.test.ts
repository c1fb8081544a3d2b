import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../src/embedded/data-directory.js';
import { EmbeddedError, type EmbeddedProblem } from '../../src/embedded/embedded-error.js';
import { markOf } from '../../src/embedded/process-mark.js';
import { scratch } from './scratch.js';

let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

function refusal(path: string): { problem: EmbeddedProblem; message: string } {
  try {
    openDataDirectory(path);
  } catch (error) {
    if (error instanceof EmbeddedError) return error;
  }
  throw new Error('it was opened');
}

describe('the data directory', () => {
  it('is made with its parents, and can be opened again after a release', () => {
    const path = join(place.path, 'deep', 'data');

    openDataDirectory(path).release();
    const again = openDataDirectory(path);

    expect(again.path).toBe(path);
    again.release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('refuses a second start, naming the process that holds it', () => {
    const held = openDataDirectory(place.path);

    const { problem, message } = refusal(place.path);

    expect(problem).toBe('already_running');
    expect(message).toContain(`process ${process.pid}`);
    expect(message).toContain(place.path);
    held.release();
  });

  it('takes over the lock of a process that was killed', async () => {
    const gone = spawn('sleep', ['60']);
    const mark = markOf(gone.pid ?? 0);
    writeFileSync(join(place.path, 'slipway.lock'), JSON.stringify({ ...mark, since: 'before' }));
    expect(refusal(place.path).problem).toBe('already_running');

    gone.kill('SIGKILL');
    await new Promise((resolve) => gone.once('exit', resolve));

    openDataDirectory(place.path).release();
  });

  it('takes over a lock whose pid went to another program', () => {
    writeFileSync(join(place.path, 'slipway.lock'), JSON.stringify({ pid: process.ppid, born: 'another time' }));

    openDataDirectory(place.path).release();
  });

  it.each(['', 'not json', '{}', 'null', '[]'])('takes over an unreadable lock: %j', (content) => {
    writeFileSync(join(place.path, 'slipway.lock'), content);

    openDataDirectory(place.path).release();
  });

  it('does not let go of a lock that has become another one’s', () => {
    const first = openDataDirectory(place.path);
    const lock = join(place.path, 'slipway.lock');
    writeFileSync(lock, JSON.stringify({ ...markOf(process.ppid), since: 'later' }));

    first.release();

    expect(readFileSync(lock, 'utf8')).toContain('later');
  });

  it('says in one sentence that a path under a file, or one the system owns, cannot be written', () => {
    const file = join(place.path, 'file');
    writeFileSync(file, '');

    for (const path of [join(file, 'data'), '/proc/slipway']) {
      const { problem, message } = refusal(path);
      expect(problem).toBe('data_directory');
      expect(message).toContain(path);
      expect(message).toContain('set SLIPWAY_DATA_DIR');
      expect(message).not.toContain('\n');
    }
  });
});
