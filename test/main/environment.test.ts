import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { places } from '../../src/main/edge-ports.js';
import { variablesOf, withFiles } from '../../src/main/environment.js';
import { readSettings, SettingError } from '../../src/main/settings.js';
import { Sources } from '../../src/main/source-secrets.js';

const dir = mkdtempSync(join(tmpdir(), 'slipway-environment-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(dir, name), content);
  chmodSync(join(dir, name), 0o600);
  return join(dir, name);
}

const SECRETS = ['old', 'new'].map(
  (label) => `${label}=whsec_${Buffer.from(`the ${label} one of the two`).toString('base64')}`,
);

describe('variables given as files', () => {
  it('stand for the variable, without the line end, and win where both are set', () => {
    const env = withFiles({
      DATABASE_URL_FILE: file('url', 'postgres://a@b/c\n'),
      SLIPWAY_API_TOKEN: 'mine',
      SLIPWAY_API_TOKEN_FILE: file('token', 'theirs'),
    });
    expect([env.DATABASE_URL, env.SLIPWAY_API_TOKEN]).toEqual(['postgres://a@b/c', 'theirs']);
  });

  it('are named with the reason where they cannot be read, unless they are of another program', () => {
    const missing = join(dir, 'missing');
    expect(() => withFiles({ PIVOTAL_WEBHOOK_SECRET_FILE: missing })).toThrow(
      /^PIVOTAL_WEBHOOK_SECRET_FILE is .*missing, which cannot be read \(ENOENT\)/,
    );
    expect(withFiles({ SSL_CERT_FILE: missing }).SSL_CERT).toBeUndefined();
  });

  it('are read again, so that a secret is rotated while the edge listens, and a broken one leaves the former', () => {
    const path = file('secret', SECRETS[0] ?? '');
    const warned: string[] = [];
    const sources = new Sources({
      settings: () => [
        { name: 'pivotal', mode: 'live', workspace: 'main', secretEnv: 'PIVOTAL_WEBHOOK_SECRET', toleranceMs: 1 },
      ],
      variable: variablesOf({ PIVOTAL_WEBHOOK_SECRET_FILE: path }),
      warn: (message) => warned.push(message),
    });
    const labels = () => sources.get('pivotal')?.secrets.map(({ label }) => label);

    const seen = [labels()];
    for (const content of [SECRETS.join(' '), SECRETS[1], 'broken', 'broken']) {
      writeFileSync(path, `${content}\n`);
      sources.refresh();
      seen.push(labels());
    }

    expect(seen).toEqual([['old'], ['old', 'new'], ['new'], ['new'], ['new']]);
    expect(warned).toEqual([expect.stringContaining('PIVOTAL_WEBHOOK_SECRET cannot be used')]);
    expect(sources.problems()).toEqual(warned);
  });
});

describe('settings', () => {
  it('keep the console on this machine unless a token guards it', () => {
    const host = (env: Record<string, string>) => places(readSettings(env)).console.host;
    expect(host({})).toBe('127.0.0.1');
    expect(host({ SLIPWAY_API_TOKEN: 't' })).toBe('0.0.0.0');
    expect(host({ SLIPWAY_API_TOKEN: 't', SLIPWAY_CONSOLE_HOST: '127.0.0.1' })).toBe('127.0.0.1');
    expect(host({ SLIPWAY_CONSOLE_HOST: '::1' })).toBe('::1');
    for (const address of ['0.0.0.0', '10.0.0.7', '::', 'console.example'])
      expect(() => host({ SLIPWAY_CONSOLE_HOST: address })).toThrow(/no SLIPWAY_API_TOKEN guards it/);
  });

  it('want both halves of a worker version', () => {
    const deployment = (env: Record<string, string>) => readSettings(env).deployment;
    expect(deployment({})).toBeUndefined();
    expect(deployment({ TEMPORAL_DEPLOYMENT_NAME: 'slipway', TEMPORAL_BUILD_ID: 'a1' })).toEqual({
      name: 'slipway',
      buildId: 'a1',
    });
    expect(() => deployment({ TEMPORAL_BUILD_ID: 'a1' })).toThrow(SettingError);
    expect(() => deployment({ TEMPORAL_DEPLOYMENT_NAME: 'slipway' })).toThrow(/needs both/);
  });
});
