import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HELP } from '../../src/main/observer.js';
import { metricsPage, NAMES_OF_OTHERS } from './metrics-page.js';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const rules = (parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

/** Metric names of a PromQL expression; a histogram's are those of its parts. */
const metricsOf = (expression: string): string[] =>
  [...new Set(expression.match(/\b(?:slipway|temporal|nodejs|process)_[a-z0-9_]+/g) ?? [])].map((name) =>
    name.replace(/_bucket$/, ''),
  );
const known = new Set<string>([...Object.keys(HELP), ...NAMES_OF_OTHERS]);

describe('docs/metrics.md', () => {
  it('is what the metrics say of themselves (UPDATE_DOCS=1 writes it anew)', async () => {
    const page = await metricsPage(resolve(root, 'docs/metrics.md'), process.env.UPDATE_DOCS === '1');

    expect(read('docs/metrics.md')).toBe(page);
  });
});

describe('alert rules', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s leads to its section of the runbooks',
    (alert, rule) => {
      expect(rule.annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
      expect(read('docs/runbooks.md').split('\n')).toContain(`## ${alert}`);
    },
  );

  it('have no runbook that belongs to none of them, and no link into nothing', () => {
    const page = read('docs/runbooks.md');
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => String(name));
    expect(sections.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());

    const anchors = new Set(sections.map((name) => name.toLowerCase()));
    for (const [, anchor] of page.matchAll(/\]\(#(\w+)\)/g)) expect(anchors).toContain(anchor);
  });

  it('read only metrics that exist', () => {
    for (const { alert, expr } of rules) {
      expect(
        metricsOf(expr).filter((name) => !known.has(name)),
        alert,
      ).toEqual([]);
    }
  });

  it('are each tested by promtool, as what fires', () => {
    const tests = read('deploy/prometheus/alerts.test.yml');
    for (const { alert } of rules) expect(tests).toContain(`alertname="${alert}"`);
  });

  it('are each seen to fire where their failure is real', () => {
    const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
    const text = files.map((name) => read(`test/observe/${name}`)).join('');
    // Not those that are held against it: `expect(expectToFire(…)).rejects`.
    const fired = new Set([...text.matchAll(/await expectToFire\('(\w+)'/g)].map(([, alert]) => alert));

    expect(rules.map(({ alert }) => alert).filter((alert) => !fired.has(alert))).toEqual([]);
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

describe('the Grafana dashboard', () => {
  const board = JSON.parse(read('deploy/grafana/slipway.json')) as {
    uid: string;
    title: string;
    schemaVersion: number;
    templating: { list: { name: string; type: string }[] };
    panels: Panel[];
  };
  const drawn = board.panels.filter(({ type }) => type !== 'row');

  it('asks the data source that whoever imports it chooses', () => {
    expect(board.templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }));
    for (const panel of drawn) expect(panel.datasource?.uid, panel.title).toBe('${datasource}');
  });

  it('shows every metric of Slipway’s own, and none that does not exist', () => {
    const shown = drawn.flatMap(({ targets }) => (targets ?? []).flatMap(({ expr }) => metricsOf(expr)));

    expect(shown.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(HELP).filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('puts no panel over another, and names each once', () => {
    const cells = drawn.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    for (const { gridPos } of drawn) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});
