import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './compose-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-scripts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script of scripts/ with an npm that answers the given text. */
function withNpm(
  script: string,
  answer: unknown,
  ...words: string[]
): Promise<{ readonly code: number; readonly said: string }> {
  writeFileSync(join(folder, 'answer'), typeof answer === 'string' ? answer : JSON.stringify(answer));
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat ${join(folder, 'answer')}\n`, { mode: 0o755 });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'scripts', script), ...words],
      { cwd: folder, env: { PATH: `${folder}:/usr/bin:/bin` } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

const component = (name: string, license: object) => ({ name, version: '1.0.0', licenses: [license] });

describe('npm run audit', () => {
  const audited = (severity: 'moderate' | 'high') => ({
    vulnerabilities: { leftpad: { severity, via: [{ title: 'Pads right', url: 'https://advisories.example/1' }] } },
    metadata: {
      vulnerabilities: { moderate: 0, high: 0, critical: 0, [severity]: 1, total: 1 },
      dependencies: { prod: 135 },
    },
  });

  it('fails on a finding that is high, and names it', async () => {
    const { code, said } = await withNpm('audit.mjs', audited('high'));
    expect(code).toBe(1);
    expect(said).toContain('high: leftpad Pads right https://advisories.example/1');
  });

  it('tells of a lesser one and passes', async () => {
    const { code, said } = await withNpm('audit.mjs', audited('moderate'));
    expect([code, said.split('\n')[1]]).toEqual([0, '1 findings in 135 packages, 0 high or critical.']);
  });

  it.each(['', 'no JSON', { message: '405 Method Not Allowed' }, { error: { summary: 'getaddrinfo ENOTFOUND' } }])(
    'fails otherwise than on a finding where no advisories are to be had (%j)',
    async (answer) => {
      const { code, said } = await withNpm('audit.mjs', answer);
      expect(code).toBe(2);
      expect(said).toMatch(/^NOTHING WAS AUDITED: .*--offline-ok/);
    },
  );

  it('lets that pass where it is asked to, as loudly, and no finding', async () => {
    const { code, said } = await withNpm('audit.mjs', '', '--offline-ok');
    expect(code).toBe(0);
    expect(said).toMatch(/^NOTHING WAS AUDITED/);
    expect((await withNpm('audit.mjs', audited('high'), '--offline-ok')).code).toBe(1);
  });
});

describe('npm run licences', () => {
  it('fails on a licence that is not on the list, and names the package', async () => {
    const bill = {
      components: [
        component('fine', { license: { id: 'MIT' } }),
        component('viral', { license: { id: 'AGPL-3.0-only' } }),
      ],
    };
    const { code, said } = await withNpm('licences.mjs', bill);
    expect(code).toBe(1);
    expect(said).toContain('! AGPL-3.0-only (1)\n      viral@1.0.0');
  });

  it('takes one of several that are offered, and all of those that hold together', async () => {
    const judged = async (expression: string) =>
      (await withNpm('licences.mjs', { components: [component('a', { expression })] })).code;
    expect(await judged('(MIT OR GPL-3.0-only)')).toBe(0);
    expect(await judged('(MIT AND GPL-3.0-only)')).toBe(1);
    expect((await withNpm('licences.mjs', { components: [{ name: 'bare', version: '1.0.0' }] })).code).toBe(1);
  });
});

describe('npm run sbom', () => {
  it('writes what npm says of what production is made of', async () => {
    const bill = {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      components: [component('fine', { license: { id: 'MIT' } })],
    };
    const { said } = await withNpm('sbom.mjs', bill);
    expect(said).toBe('sbom.json: CycloneDX 1.5, 1 packages.\n');
    expect(JSON.parse(readFileSync(join(folder, 'sbom.json'), 'utf8'))).toEqual(bill);
  });
});
