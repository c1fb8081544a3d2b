import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyJsonSchema } from '../../src/policy-file/json-schema.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { configurationReference } from '../../src/policy-file/reference.js';
import { FULL_POLICY, NOW } from './policies.js';

const DEFAULT = readFileSync(new URL('../../config/slipway.yaml', import.meta.url), 'utf8');

describe('the reference of slipway.yaml', () => {
  it('is what docs/configuration.md says', async () => {
    await expect(configurationReference()).toMatchFileSnapshot('../../docs/configuration.md');
  });

  it('shows an example that loads', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(configurationReference())?.[1] ?? '';
    expect(loadPolicy(example, NOW)).toMatchObject({ ok: true });
  });

  it('has a row for every key, with a meaning', () => {
    const rows = configurationReference()
      .split('\n')
      .filter((row) => row.startsWith('| `'));
    for (const row of rows) expect(row.split(' | ').at(-1)?.length, row).toBeGreaterThan(4);
    expect(rows.some((row) => row.startsWith('| `people[].time_off[].delegate` '))).toBe(true);
  });
});

describe('the JSON Schema of slipway.yaml', () => {
  const validate = new Ajv2020({ strict: false }).compile(policyJsonSchema());

  it.each([
    ['the default policy', DEFAULT],
    ['a policy with everything', FULL_POLICY],
    ['a file that says nothing', '{}'],
  ])('accepts %s', (_, text) => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    'phasess: []',
    'settle: 3',
    'rules: { at_risk: { after: soon } }',
    'channels: { slack: { type: slack } }',
    'people: [{ name: Mia }]',
  ])('marks %s', (text) => {
    expect(validate(parse(text))).toBe(false);
  });
});
