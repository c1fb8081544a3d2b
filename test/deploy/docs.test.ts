import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { programFor } from '../../src/main/program.js';
import { readCompose, readText, ROOT } from './compose-file.js';

const PAGES = ['docs/operating.md', 'docs/security.md', 'deploy/temporal-cloud.md'];

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(' ', '-');
const anchorsOf = (path: string): string[] =>
  [...readText(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(`${heading}`));

describe.each(PAGES)('%s', (page) => {
  it('leads to pages and sections that are there', () => {
    const links = [...readText(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    expect(links.length).toBeGreaterThan(1);
    for (const [, path, anchor] of links) {
      const target = path ? join(dirname(page), path) : page;
      expect(existsSync(join(ROOT, target)), target).toBe(true);
      if (anchor) expect(anchorsOf(target), `${target}#${anchor}`).toContain(anchor);
    }
  });

  it('names commands of Slipway, and services of docker-compose.yml, that exist', () => {
    const { commands } = programFor({}, { out: () => true, err: () => true, columns: 80 });
    const verbs = commands.map((command) => command.name());
    const text = readText(page);
    for (const [said, verb] of text.matchAll(/(?:`|^ +)(?:npx )?slipway ([a-z][\w-]*)/gm))
      expect(verbs, said).toContain(verb);
    for (const [said, verb] of text.matchAll(/dist\/main\/cli\.js ([a-z][\w-]*)/g)) expect(verbs, said).toContain(verb);
    const services = Object.keys(readCompose().services);
    for (const [said, service] of text.matchAll(/docker compose (?:exec|run|up)(?: -T| --[\w-]+)* ([a-z][\w-]*)/g))
      expect(services, said).toContain(service);
  });

  it('names files that are there', () => {
    const paths = [...readText(page).matchAll(/`((?:deploy|docs|config|scripts)\/[\w./-]+)`/g)].map(
      ([, path]) => `${path}`,
    );
    const made = /^deploy\/compose\/secrets/;
    for (const path of paths.filter((one) => !made.test(one))) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
});

describe('deploy/temporal-cloud.md', () => {
  it('has every search attribute that Slipway writes, for tcld and for Terraform', () => {
    const types: Readonly<Record<string, string>> = { KEYWORD: 'Keyword', INT: 'Int', DATETIME: 'Datetime' };
    const wanted = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${types[type]}`);
    const text = readText('deploy/temporal-cloud.md');
    const tcld = [...text.matchAll(/--search-attribute (\w+=\w+)/g)].map(([, pair]) => `${pair}`);
    const terraform = [...text.matchAll(/(Onb\w+)\s+= "(\w+)"/g)].map(([, name, type]) => `${name}=${type}`);
    expect(tcld).toEqual(wanted);
    expect(terraform).toEqual(wanted);
  });
});
