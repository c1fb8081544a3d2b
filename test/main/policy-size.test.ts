import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPolicyFile } from '../../src/main/policy-file-here.js';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-size-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('refuses a file of which one onboarding would have to carry too much, with its line', () => {
  const file = path.join(dir, 'slipway.yaml');
  const chain = Array.from(
    { length: 300 },
    (_, n) => `  - { id: p${n}, name: ${'x'.repeat(80)}${n < 299 ? `, manager: p${n + 1}` : ''} }\n`,
  );
  writeFileSync(file, `settle: 5 minutes\npeople:\n${chain.join('')}`);

  expect(() => readPolicyFile(file, Date.now())).toThrow(
    /cannot be used; .*\n {2}line 2: people: One onboarding could have to carry \d+ kB of this policy, and 32 kB are the most\./,
  );
});
