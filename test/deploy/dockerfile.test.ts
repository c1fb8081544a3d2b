import { describe, expect, it } from 'vitest';
import { readText } from './compose-file.js';

/** The instructions of the Dockerfile, stage by stage, each with its continuation lines. */
function stages(text: string): readonly (readonly string[])[] {
  const lines = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const found: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('FROM ')) found.push([]);
    found.at(-1)?.push(line.replaceAll(/\s+/g, ' ').trim());
  }
  return found;
}

const [build = [], run = []] = stages(readText('Dockerfile'));
const { engines, scripts } = JSON.parse(readText('package.json')) as {
  engines: { node: string };
  scripts: Record<string, string>;
};

describe('the image', () => {
  it('is built on one pinned Node, the oldest major that is supported', () => {
    const from = [...build, ...run].filter((line) => line.startsWith('FROM '));
    expect(from).toEqual(['FROM node:20.20.2-bookworm-slim AS build', 'FROM node:20.20.2-bookworm-slim']);
    expect(engines.node).toBe('>=20.19');
  });

  it('is built from the lock file, without install scripts, and drops what only the build needs', () => {
    const steps = build.filter((line) => line.startsWith('RUN npm '));
    expect(steps).toEqual([
      'RUN npm ci --ignore-scripts',
      'RUN npm run build',
      'RUN npm prune --omit=dev --omit=optional --ignore-scripts',
    ]);
    expect(scripts.build).toContain('build-bundle');
  });

  it('runs as nobody in particular, on files it cannot write', () => {
    expect(run).toContain('USER 10001:10001');
    expect(run.some((line) => line.includes('--chown') || line.startsWith('RUN '))).toBe(false);
    expect(run.join('\n')).toMatch(/SLIPWAY_DATA_DIR=\/tmp\/slipway/);
  });

  it('brings the default policy along and names it nowhere, so that nobody takes it for a wish', () => {
    expect(run).toContain('COPY config ./config');
    expect(run.join('\n')).not.toContain('SLIPWAY_CONFIG');
  });

  it('starts Node itself, in UTC, with a bound on its memory', () => {
    expect(run).toContain('ENTRYPOINT ["node", "dist/main/cli.js"]');
    expect(run).toContain('CMD ["server"]');
    expect(run).toContain('STOPSIGNAL SIGTERM');
    const env = run.find((line) => line.startsWith('ENV '));
    for (const wanted of ['NODE_ENV=production', 'NODE_OPTIONS=--max-old-space-size=512', 'TZ=UTC'])
      expect(env).toContain(wanted);
  });

  it('asks after its health without a shell', () => {
    expect(run.find((line) => line.startsWith('HEALTHCHECK '))).toMatch(/CMD \["node", "-e", /);
    for (const line of run.filter((one) => /^(CMD|ENTRYPOINT)/.test(one))) expect(line).toMatch(/^\w+ \[/);
  });

  it('holds nothing of the machine it is built on but what it is made of', () => {
    const allowed = readText('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(allowed[0]).toBe('*');
    const copied = [...build, ...run]
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(allowed.slice(1).sort()).toEqual(copied.map((one) => `!${one.replace('./', '')}`).sort());
  });
});
