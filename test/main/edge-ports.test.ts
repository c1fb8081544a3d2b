import { describe, expect, it } from 'vitest';
import { places } from '../../src/main/edge-ports.js';
import { readSettings, SettingError } from '../../src/main/settings.js';

const consoleHost = (env: Record<string, string>): string => places(readSettings(env)).console.host;

describe('the console', () => {
  it('listens on this machine alone without a token, and for everybody with one', () => {
    expect(consoleHost({})).toBe('127.0.0.1');
    expect(consoleHost({ SLIPWAY_API_TOKEN: 'x' })).toBe('0.0.0.0');
    expect(consoleHost({ SLIPWAY_API_TOKEN: 'x', SLIPWAY_CONSOLE_HOST: '127.0.0.1' })).toBe('127.0.0.1');
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('may be told to listen on %s without a token', (host) => {
    expect(consoleHost({ SLIPWAY_CONSOLE_HOST: host })).toBe(host);
  });

  it.each([
    '0.0.0.0',
    '::',
    '192.0.2.7',
    '10.0.0.1',
    'slipway.example',
    '127.0.0.1.example',
    '127.example',
    '::ffff:0.0.0.0',
  ])('is refused on %s without a token, and the sentence says what to do', (host) => {
    const start = () => consoleHost({ SLIPWAY_CONSOLE_HOST: host });

    expect(start).toThrow(SettingError);
    expect(start).toThrow(/no SLIPWAY_API_TOKEN guards it: set a token, or unset SLIPWAY_CONSOLE_HOST/);
    expect(consoleHost({ SLIPWAY_CONSOLE_HOST: host, SLIPWAY_API_TOKEN: 'x' })).toBe(host);
  });

  it('is not guarded by a token of blanks', () => {
    expect(() => consoleHost({ SLIPWAY_CONSOLE_HOST: '0.0.0.0', SLIPWAY_API_TOKEN: '  ' })).toThrow(SettingError);
  });
});

describe('SLIPWAY_TRUSTED_PROXIES', () => {
  it('is a number of proxies, none where it is unset', () => {
    expect(readSettings({}).trustedProxies).toBe(0);
    expect(readSettings({ SLIPWAY_TRUSTED_PROXIES: '2' }).trustedProxies).toBe(2);
  });

  it.each(['true', '-1', '1.5', '11', 'loopback'])('is not %s', (text) => {
    expect(() => readSettings({ SLIPWAY_TRUSTED_PROXIES: text })).toThrow(
      /SLIPWAY_TRUSTED_PROXIES is ".*"; give the number/,
    );
  });
});
