import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { programFor } from '../../src/main/program.js';
import { readCompose, readText, ROOT, service } from './compose-file.js';

const PAGES = [
  'docs/operating.md',
  'docs/data-care.md',
  'docs/runbooks.md',
  'docs/security.md',
  'deploy/temporal-cloud.md',
];

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
    for (const [said, service] of text.matchAll(
      /docker compose (?:exec|run|up|stop|ps)(?: -T| --[\w-]+(?:=\w+)?)* ([a-z][\w-]*)/g,
    ))
      expect(services, said).toContain(service);
  });

  it('asks after health at a port that serves it, from where it is reached', () => {
    const text = readText(page);
    for (const [said, host] of text.matchAll(/([\w.<>-]+(?::\d+)?)\/(?:healthz|readyz)\b/g))
      expect(host, said).toMatch(/^(?:127\.0\.0\.1|<host>):878[79]$/);
    const asked =
      /(?:docker compose exec (?:--index=1 )?([\w-]+) node -e "fetch\('http:\/\/|)127\.0\.0\.1:(878[79])\//g;
    for (const [said, name, port] of text.matchAll(asked)) {
      // Compose publishes neither port.
      const { SLIPWAY_PORT, SLIPWAY_WORKER_PORT } =
        service(readCompose(), name ?? `nobody at ${said}`).environment ?? {};
      expect(SLIPWAY_PORT ?? SLIPWAY_WORKER_PORT, said).toBe(port);
    }
  });

  it('names no Compose file on a command line, which the next command would lack', () => {
    expect(readText(page)).not.toMatch(/docker compose (?:-f|--file)\b|`-f docker-compose/);
  });

  it('hands a file to a command in a container on its standard input', () => {
    const reading =
      /(?:docker compose|kubectl[^\n]*) exec\b([^\n]*cli\.js) (?:policy \w+|explain-signature) (\S+)[^\n]*/g;
    const read = [...readText(page).matchAll(reading)];
    if (page === 'docs/operating.md') expect(read.length).toBeGreaterThan(1);
    for (const [said, options, file] of read) {
      expect(file, said).toBe('-');
      expect(options, said).toMatch(/ (?:-T|--stdin) /);
      expect(said).toMatch(/ < \S+$/);
    }
  });

  it('says who makes something anew: without, `slipway rebuild` only tells how far it is', () => {
    for (const [said, id, options] of readText(page).matchAll(/`slipway rebuild( <\w+>)?([^`]*)`(?! tells)/g))
      expect(options, said).toMatch(id ? /--by <\w+> --reason / : /--by /);
  });

  it('names files that are there', () => {
    const paths = [...readText(page).matchAll(/`((?:deploy|docs|config|scripts)\/[\w./-]+)`/g)].map(
      ([, path]) => `${path}`,
    );
    const made = /^deploy\/compose\/secrets/;
    for (const path of paths.filter((one) => !made.test(one))) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
});

/** From its heading to the next one of any depth. */
function section(page: string, heading: string): string {
  const found = readText(page)
    .split(/^(?=#+ )/m)
    .find((one) => one.split('\n')[0]?.replace(/^#+ /, '') === heading);
  if (found === undefined) throw new Error(`${page} has no section ${heading}`);
  return found;
}

describe('docs/operating.md', () => {
  it('replaces one service after the other, and never what it depends on', () => {
    const ups = (heading: string) =>
      [...section('docs/operating.md', heading).matchAll(/^ +docker compose up (.*)$/gm)].map(([, said]) => `${said}`);
    const each = (...names: string[]) => names.map((name) => `--detach --no-deps --wait ${name}`);
    expect(ups('Upgrade')).toEqual(each('server-1', 'server-2', 'worker'));
    // An older `migrate` refuses the store of a newer release, and a plain `up` would run it.
    expect(ups('Roll back')).toEqual(each('worker', 'server-1', 'server-2'));
    expect(section('docs/operating.md', 'Roll back')).not.toMatch(/docker compose run|apply -k/);
  });

  it('makes workflows anew under Compose in the place of a server, with nothing beside it', () => {
    const text = section('docs/operating.md', 'When Temporal is lost');
    expect(text).toContain('docker compose stop server-1 server-2 worker\n');
    expect(text).toContain('docker compose run --rm server-1 start --rebuild\n');
  });
});

describe('the policy file', () => {
  it.each(['README.md', 'docs/configuration.md', 'config/slipway.yaml'])(
    '%s says which one is read: that of SLIPWAY_CONFIG, else slipway.yaml of the working directory, else the default',
    (page) => {
      const text = readText(page).replaceAll(/\n(?:# )?/g, ' ');
      expect(text).toMatch(
        /SLIPWAY_CONFIG[^]{0,120}slipway\.yaml`? of the working directory[^]{0,50}(?:default|ships|This one)/,
      );
    },
  );
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
