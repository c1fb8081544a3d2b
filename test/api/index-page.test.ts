import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from './served.js';
import { STATUS } from './views.js';
import { World } from './world.js';

let api: Served;
const BROWSER = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } };
afterEach(() => api.close());

describe('GET /', () => {
  it('shows a browser a page with the useful URLs, whose one style its own policy allows', async () => {
    api = await serve(new World().deps());

    const { headers, text } = await api.request('GET', '/', BROWSER);

    expect(headers['content-type']).toContain('text/html');
    for (const url of ['/openapi.json', '/api/v1/status', '/metrics', 'http://127.0.0.1:8233'])
      expect(text).toContain(`href="${url}"`);
    const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
    expect(headers['content-security-policy']).toContain(
      `'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    );
    expect(text).not.toContain('<script');
  });

  it('gives programs the same as JSON', async () => {
    api = await serve(new World().deps());

    const { json } = await api.get('/');

    expect(json.links).toContainEqual({ label: 'Temporal UI', url: 'http://127.0.0.1:8233' });
  });

  it('escapes what it shows, and links to nothing a browser would run', async () => {
    const links = () => [
      { label: '<img src=x onerror=alert(1)>', url: 'javascript:alert("1")' },
      { label: 'ui', url: 'http://x/"><script>' },
    ];
    api = await serve(new World().deps({ links }));

    const { text } = await api.request('GET', '/', BROWSER);

    expect(text).not.toMatch(/<img|<script|href="javascript/);
    expect(text).toContain('&lt;img');
  });
});

describe('GET /api/v1/status and /metrics', () => {
  it('answer what main knows', async () => {
    api = await serve(new World().deps());

    expect((await api.get('/api/v1/status')).json).toEqual(STATUS);
    const metrics = await api.get('/metrics');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.text).toContain('slipway_inbox_pending 0');
  });
});
