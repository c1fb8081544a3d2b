import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReplayResult, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quiet, testBundle } from '../support/temporal.js';
import { BEHAVIOURS } from './behaviours.js';
import { firstCaught, type Mutant, Mutants, type Recorded } from './mutants.js';

const HISTORIES = join(import.meta.dirname, '../histories');

const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

describe('every history that was ever shipped', () => {
  let bundle: string;
  beforeAll(async () => {
    quiet();
    bundle = await testBundle();
  });

  it('replays on the workflows of today', { timeout: 120_000 }, async () => {
    const results = await replay(bundle);

    expect(results.filter((result) => result.error).map((result) => [result.workflowId, String(result.error)])).toEqual(
      [],
    );
    expect(results).toHaveLength(files.length);
  });

  it('shows each behaviour', () => {
    const shown = new Set(files.map((file) => file.replace(/@[^@]*\.json$/, '')));
    expect(BEHAVIOURS.map((behaviour) => behaviour.name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

const MUTANTS: readonly Mutant[] = [
  {
    change: 'the policy is read after the view is written',
    file: 'onboarding-run.ts',
    from: /await this\.#renewPolicy\(\);\s+this\.#turn\(\);\s+this\.#publish\(\);/,
    to: 'this.#projector.want(); this.#publish(); await this.#renewPolicy(); this.#turn();',
  },
  {
    change: 'notify and project are swapped',
    file: 'calls.ts',
    from: 'const { notify } =',
    to: 'const { project: notify } =',
  },
  {
    change: 'a link is told as an unlink',
    file: 'customer-line.ts',
    from: 'activities.linkCustomer(',
    to: 'activities.unlinkCustomer(',
  },
  {
    change: 'no timer is set',
    file: 'timer.ts',
    from: 'const former = this.#armed;',
    to: 'if (wake) return;\n    const former = this.#armed;',
  },
  {
    change: 'an acknowledge stops no call',
    file: 'calls.ts',
    from: 'this.#out.get(key)?.cancel();',
    to: 'this.#out.get(key);',
  },
  {
    change: 'list columns are left as they were',
    file: 'attributes.ts',
    from: 'if (changed.length === 0) return;',
    to: 'return;',
  },
  {
    change: 'an endpoint that is due at once waits for a timer',
    file: 'endpoint.ts',
    from: 'if (nextAt !== null && nextAt <= at) {',
    to: 'if (nextAt === at + 1) {',
  },
  {
    change: 'an endpoint looks when its timer fires, though the next try has moved',
    file: 'endpoint.ts',
    from: 'if (this.#nextAt <= at) this.#isDue = true;',
    to: 'if (this.#nextAt > 0) this.#isDue = true;',
  },
  {
    change: 'a run of retention goes on to messages that it was not planned for',
    file: 'retention.ts',
    from: "if (next !== 'messages') return next;",
    to: 'if (next) return next;',
  },
];

describe('a change of the commands that no patch guards', () => {
  let mutants: Mutants;
  beforeAll(() => {
    quiet();
    mutants = new Mutants();
  });
  afterAll(() => mutants.forget());

  for (const mutant of MUTANTS) {
    it(`is caught by a recorded history: ${mutant.change}`, { timeout: 120_000 }, async () => {
      expect(await firstCaught(await mutants.bundle(mutant), recorded())).toBeDefined();
    });
  }
});

function recorded(): readonly Recorded[] {
  return files.map((file) => ({
    workflowId: file,
    history: JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as unknown,
  }));
}

async function replay(codePath: string): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: { codePath } }, recorded()))
    results.push(result);
  return results;
}
