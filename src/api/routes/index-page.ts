import { createHash } from 'node:crypto';
import { IndexSchema } from '../../contracts/api.js';
import type { ApiDeps, Link } from '../deps.js';
import type { Route } from '../route.js';

const OWN: readonly Link[] = [
  { label: 'Onboardings', url: '/api/v1/onboardings' },
  { label: 'Escalations that nobody has closed', url: '/api/v1/escalations?status=unresolved' },
  { label: 'Received events', url: '/api/v1/events' },
  { label: 'Requests turned away', url: '/api/v1/rejections' },
  { label: 'Policy in force', url: '/api/v1/policy' },
  { label: 'Audit log', url: '/api/v1/audit' },
  { label: 'Status', url: '/api/v1/status' },
  { label: 'Metrics', url: '/metrics' },
  { label: 'API description (OpenAPI 3.1)', url: '/openapi.json' },
];

/** `GET /`: where everything is, as a page or as JSON. URLs of other servers are told only to whom the API answers. */
export function indexRoute(deps: Pick<ApiDeps, 'links'>): Route {
  return {
    method: 'get',
    path: '/',
    role: 'viewer',
    summary: 'Lists the useful URLs, as a page or as JSON',
    open: true,
    answers: { type: 'application/json', schema: IndexSchema, page: true },
    refuses: [],
    serve: (request, response, { caller }) => {
      const links = caller ? [...OWN, ...deps.links()] : OWN;
      if (request.accepts(['json', 'html']) === 'html') {
        response.set('Content-Security-Policy', PAGE_POLICY).type('html').send(page(links));
      } else {
        response.json({ name: 'slipway', links });
      }
    },
  };
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;background:#f6f7f9;margin:0}
main{max-width:44rem;margin:4rem auto;padding:0 1.5rem}h1{margin:0;font-size:1.6rem}p{color:#526070}
table{width:100%;border-collapse:collapse;background:#fff;border:1px solid #dde2e8;border-radius:6px}
td{padding:.5rem .9rem;border-top:1px solid #edf0f3}tr:first-child td{border-top:0}
a{color:#0b5cad;text-decoration:none;font-family:ui-monospace,monospace;font-size:.9rem;word-break:break-all}a:hover{text-decoration:underline}`;

const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

function page(links: readonly Link[]): string {
  const rows = links.map(({ label, url }) => `<tr><td>${escaped(label)}</td><td>${shown(url)}</td></tr>`).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Slipway</title><style>${STYLE}</style></head>
<body><main><h1>Slipway</h1><p>Keeps customer onboardings moving: chases the right person until somebody acts.</p>
<table>
${rows}
</table></main></body></html>
`;
}

/** Only a path of the console or an http address becomes a link. */
const shown = (url: string): string =>
  /^(https?:\/)?\//.test(url) ? `<a href="${escaped(url)}">${escaped(url)}</a>` : `<code>${escaped(url)}</code>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
