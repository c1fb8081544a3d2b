import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error the configuration is plain JavaScript, as the tool wants it
import config, { ROOMS } from '../.dependency-cruiser.mjs';

const root = path.resolve(import.meta.dirname, '..');
const planted = mkdtempSync(path.join(root, '.planted-'));
afterAll(() => rmSync(planted, { recursive: true, force: true }));

const rooms = ROOMS as Record<string, { rooms: string[]; packages: string[]; node: boolean }>;
const rules = (config.forbidden as { name: string }[]).map((rule) => rule.name);

/** For each rule, a file that breaks it and nothing else. */
function plantAll(): void {
  for (const room of [...Object.keys(rooms), 'main', 'elsewhere']) {
    mkdirSync(path.join(planted, 'src', room), { recursive: true });
    writeFileSync(path.join(planted, 'src', room, 'thing.ts'), 'export const thing = 1;\n');
  }
  const plant = (file: string, specifier: string) =>
    writeFileSync(path.join(planted, 'src', file), `import * as it from '${specifier}';\nexport const used = it;\n`);
  for (const [room, { node }] of Object.entries(rooms)) {
    plant(`${room}/bad-room.ts`, '../elsewhere/thing.js');
    plant(`${room}/bad-package.ts`, 'vitest');
    if (!node) plant(`${room}/bad-node.ts`, 'node:fs');
  }
  plant('elsewhere/bad-main.ts', '../main/thing.js');
  writeFileSync(path.join(planted, 'src/contracts/api.ts'), 'export const schema = 1;\n');
  plant('workflows/bad-schema.ts', '../contracts/api.js');
  plant('contracts/bad-zod.ts', 'zod');
  plant('contracts/api-heavy.ts', './reads-workflows.js');
  plant('contracts/reads-workflows.ts', '@temporalio/workflow');
  plant('main/server-process.ts', './runs-a-worker.js');
  plant('main/runs-a-worker.ts', '@temporalio/worker');
  plant('elsewhere/bad-path.ts', './nowhere.js');
  plant('elsewhere/circle.ts', './circle-back.js');
  plant('elsewhere/circle-back.ts', './circle.js');
  symlinkSync(path.join(root, 'node_modules'), path.join(planted, 'node_modules'));
}

async function cruised(folder: string): Promise<ICruiseResult> {
  const result = await cruise(['src'], {
    ...config.options,
    baseDir: folder,
    ruleSet: { forbidden: config.forbidden },
    validate: true,
  });
  return result.output as ICruiseResult;
}

describe('the import table', () => {
  it('holds in src, with every file read', async () => {
    const { modules, summary } = await cruised(root);

    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    const files = readdirSync(path.join(root, 'src'), { recursive: true }).filter((name) =>
      String(name).endsWith('.ts'),
    );
    expect(modules.filter((module) => module.source.startsWith('src/'))).toHaveLength(files.length);
  });

  it('is enforced: a planted violation of every rule is found', async () => {
    plantAll();

    const { summary } = await cruised(planted);

    const found = new Set(summary.violations.map(({ rule }) => rule.name));
    expect(rules.filter((rule) => !found.has(rule))).toEqual([]);
  });

  it('names every room there is', () => {
    const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

    expect(folders.map((entry) => entry.name).sort()).toEqual([...Object.keys(rooms), 'main'].sort());
  });
});

describe('the code rules', () => {
  /** Both broken files in one run of the linter, which takes seconds to read the types. */
  let said = '';
  beforeAll(() => {
    mkdirSync(path.join(planted, 'lint'), { recursive: true });
    const broken = {
      'lint/floating.ts': 'async function go() {}\nexport function start() {\n  go();\n}\n',
      'lint/print.ts': "console.log('x');\nexport {};\n",
    };
    const files = Object.keys(broken).map((file) => path.join(planted, file));
    Object.values(broken).forEach((code, nth) => writeFileSync(files[nth] ?? '', code));
    const tsconfig = path.join(planted, 'tsconfig.json');
    writeFileSync(tsconfig, JSON.stringify({ extends: '../tsconfig.json', include: ['lint/*.ts'] }));
    const words = ['--type-aware', '-c', path.join(root, '.oxlintrc.json'), '--tsconfig', tsconfig];
    const run = spawnSync('npx', ['oxlint', ...words, ...files], { cwd: root, encoding: 'utf8' });
    said = run.stdout + run.stderr;
  });

  it('refuse a promise that nobody waits for', () => {
    expect(said).toMatch(/no-floating-promises[^[]*\[[^\]]*floating\.ts/);
  });

  it('refuse printing past the logger', () => {
    expect(said).toMatch(/no-console[^[]*\[[^\]]*print\.ts/);
  });

  it('refuse a clock in the core', () => {
    const file = path.join(root, 'src/domain/planted-clock.ts');
    writeFileSync(file, 'export const late = () => Date.now();\n');
    try {
      const run = spawnSync('npx', ['biome', 'check', file], { cwd: root, encoding: 'utf8' });
      expect(run.stdout + run.stderr).toContain('The core knows no clock');
    } finally {
      rmSync(file);
    }
  });

  it('refuse an unused name at the type check', () => {
    mkdirSync(path.join(planted, 'types'), { recursive: true });
    writeFileSync(path.join(planted, 'types/unused.ts'), 'const unused = 1;\nexport {};\n');
    writeFileSync(
      path.join(planted, 'types/tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
    );
    expect(() =>
      execFileSync('npx', ['tsc', '-p', path.join(planted, 'types')], { cwd: root, stdio: 'pipe' }),
    ).toThrow();
  });
});
