import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { GroupCommit, type GroupCommitOptions } from '../../src/store/group-commit.js';

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A commit whose disk is slow: each write waits until the test lets it through. */
function slowDisk(options: Partial<GroupCommitOptions<string, string>> = {}) {
  const batches: (readonly string[])[] = [];
  const gates: (() => void)[] = [];
  const commits = new GroupCommit<string, string>({
    write: async (batch) => {
      batches.push(batch);
      await new Promise<void>((resolve) => gates.push(resolve));
      return batch.map((item) => item.toUpperCase());
    },
    bytesOf: (item) => item.length,
    maxItems: 3,
    maxBytes: 100,
    maxWaiting: 8,
    maxWaitMs: 600,
    ...options,
  });
  const written = async () => {
    gates.shift()?.();
    await endOfTurn();
    await endOfTurn();
  };
  return { commits, batches, written };
}

describe('group commit', () => {
  it('writes together what comes in one turn, and answers each with its own result', async () => {
    const { commits, batches, written } = slowDisk();

    const answers = Promise.all(['a', 'b', 'c'].map((item) => commits.add(item)));
    await endOfTurn();
    await written();

    expect(await answers).toEqual(['A', 'B', 'C']);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('forms the next batch while one is on its way, in the order of arrival', async () => {
    const { commits, batches, written } = slowDisk();

    const answers = [commits.add('a')];
    await endOfTurn();
    for (const item of ['b', 'c', 'd', 'e']) answers.push(commits.add(item));
    await endOfTurn();
    const meanwhile = [...batches];
    await written();
    await written();
    await written();

    expect(meanwhile).toEqual([['a']]);
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('waits a moment for more behind a commit that several shared, and never for one that comes alone', async () => {
    const { commits, batches, written } = slowDisk({ maxItems: 10, gatherMs: 30 });

    const answers = 'abcde'.split('').map((item) => commits.add(item));
    await endOfTurn();
    await written();
    answers.push(commits.add('f'));
    await endOfTurn();
    expect(batches).toHaveLength(1);
    answers.push(commits.add('g'));
    await expect
      .poll(() => batches)
      .toEqual([
        ['a', 'b', 'c', 'd', 'e'],
        ['f', 'g'],
      ]);
    await written();
    answers.push(commits.add('h'));
    await endOfTurn();
    await endOfTurn();
    expect(batches.at(-1)).toEqual(['h']);
    await written();

    expect(await Promise.all(answers)).toEqual('ABCDEFGH'.split(''));
  });

  it('waits for nobody who comes after it was closed', async () => {
    const { commits, batches, written } = slowDisk({ maxItems: 10, gatherMs: 60_000 });

    const answers = 'abcde'.split('').map((item) => commits.add(item));
    await endOfTurn();
    answers.push(commits.add('f'));
    const closed = commits.close();
    await written();
    await written();

    await closed;
    expect(await Promise.all(answers)).toHaveLength(6);
    expect(batches.at(-1)).toEqual(['f']);
  });

  describe('on a disk whose last commit took 360 ms, with 900 ms to answer', () => {
    /** Three of them on their way since `now`, and so many in line. */
    async function slow(inLine: string, clock: { now: number }) {
      const disk = slowDisk({ now: () => clock.now, maxWaitMs: 900 });
      const answers = [disk.commits.add('a')];
      await endOfTurn();
      clock.now += 360;
      for (const item of 'bcd') answers.push(disk.commits.add(item));
      await disk.written();
      for (const item of inLine) answers.push(disk.commits.add(item));
      return { ...disk, answers };
    }

    it('lets as many in as go with the next commit, and nobody who would wait for the one after', async () => {
      const { commits, answers, written } = await slow('ef', { now: 0 });

      expect(commits.isFull).toBe(false);
      answers.push(commits.add('g'));
      expect(commits.isFull).toBe(true);
      await expect(commits.add('h')).rejects.toThrow(StoreUnavailable);

      for (let n = 0; n < 2; n++) await written();
      expect(await Promise.all(answers)).toEqual('ABCDEFG'.split(''));
    });

    it('lets the line grow again as the commit under way comes to its end', async () => {
      const clock = { now: 0 };
      const { commits } = await slow('efg', clock);

      clock.now += 179;
      expect(commits.isFull).toBe(true);
      clock.now += 1;
      expect(commits.isFull).toBe(false);
    });

    it('lets nobody wait behind one that hangs but who goes with the next commit', async () => {
      const clock = { now: 0 };
      const { commits } = await slow('ef', clock);
      clock.now += 60_000;

      const third = commits.add('g');
      await expect(commits.add('h')).rejects.toThrow(StoreUnavailable);

      await expect(Promise.race([third, endOfTurn()])).resolves.toBeUndefined();
    });
  });

  it('lets a line grow behind a short stall of a fast disk', async () => {
    let now = 0;
    const { commits, written } = slowDisk({ now: () => now, maxWaitMs: 900, maxWaiting: 100 });
    void commits.add('a');
    await endOfTurn();
    now += 5;
    for (const item of 'bcd') void commits.add(item);
    await written();

    now += 400;
    for (let n = 0; n < 60; n++) void commits.add(`${n}`);

    expect(commits.isFull).toBe(false);
    now += 500;
    expect(commits.isFull).toBe(true);
  });

  it('counts a line by its bytes where those fill a commit first', async () => {
    let now = 0;
    const { commits } = slowDisk({ now: () => now, maxBytes: 4 });
    void commits.add('a');
    await endOfTurn();
    now += 601;

    void commits.add('bbbb');

    expect(commits.isFull).toBe(true);
  });

  it('ends a batch at its bytes, and lets one item that is larger go alone', async () => {
    const { commits, batches, written } = slowDisk({ maxBytes: 4 });

    const answers = Promise.all(['aa', 'bb', 'cc', 'dddddddd'].map((item) => commits.add(item)));
    await endOfTurn();
    await written();
    await written();
    await written();
    await answers;

    expect(batches).toEqual([['aa', 'bb'], ['cc'], ['dddddddd']]);
  });

  it('halves a batch that fails until the item at fault fails alone', async () => {
    const tried: string[] = [];
    const { commits } = slowDisk({
      maxItems: 8,
      write: async (batch) => {
        tried.push(batch.join(''));
        if (batch.includes('x')) throw new Error('x is no item');
        return batch;
      },
    });

    const answers = await Promise.allSettled('abxd'.split('').map((item) => commits.add(item)));

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(tried).toEqual(['abxd', 'ab', 'xd', 'x', 'd']);
  });

  it('fails all who wait at once when the store is away, and serves those who come after', async () => {
    let isAway = true;
    const { commits } = slowDisk({
      write: async (batch) => {
        await endOfTurn();
        if (isAway) throw new StoreUnavailable('away');
        return batch;
      },
    });

    const answers = await Promise.allSettled('abcdef'.split('').map((item) => commits.add(item)));
    isAway = false;

    expect(answers.every((answer) => answer.status === 'rejected' && answer.reason instanceof StoreUnavailable)).toBe(
      true,
    );
    expect(await commits.add('g')).toBe('g');
  });

  it('refuses at once what could only be answered too late', async () => {
    const { commits, written } = slowDisk();
    const first = commits.add('a');
    await endOfTurn();
    const waiting = 'bcdefghi'.split('').map((item) => commits.add(item));

    await expect(commits.add('j')).rejects.toThrow(StoreUnavailable);

    for (let n = 0; n < 4; n++) await written();
    expect(await Promise.all([first, ...waiting])).toHaveLength(9);
  });

  it('closes after everybody is answered, and takes nobody in then', async () => {
    const { commits, written } = slowDisk();
    const events: string[] = [];
    const answers = 'abcde'.split('').map((item) => commits.add(item).then(() => events.push(item)));

    const closed = commits.close().then(() => events.push('closed'));
    await endOfTurn();
    await expect(commits.add('f')).rejects.toThrow(StoreUnavailable);
    await written();
    await written();
    await Promise.all([...answers, closed]);

    expect(events).toEqual(['a', 'b', 'c', 'd', 'e', 'closed']);
  });
});
