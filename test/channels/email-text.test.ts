import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, oneLine, writeEmail } from '../../src/channels/email-text.js';
import type { RuleName } from '../../src/domain/policy/policy.js';
import { RULE_NAMES } from '../../src/domain/policy/policy.js';
import { ESCALATION, messageOf, ONBOARDING } from './message.js';

/** What people put into names and notes, by accident or not. */
const INJECTIONS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "'><a href='javascript:alert(1)'>x</a>",
  '</td></tr></table><iframe src="https://evil.example">',
  '<!--',
  '&lt;script&gt;',
  '<style>*{display:none}</style>',
  '<a href="https://evil.example">log in</a>',
  '{{constructor.constructor("alert(1)")()}}',
  '<ScRiPt >alert(1)</sCrIpT>',
  '<<script>script>alert(1)<</script>/script>',
  '<body onload=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<math><mtext></table><img src=x onerror=alert(1)>',
  '<object data="data:text/html,x">',
  '<embed src="https://evil.example">',
  '<base href="https://evil.example">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<link rel=stylesheet href="https://evil.example">',
  '<form action="https://evil.example"><button>log in</button></form>',
  '<img src="https://evil.example/seen.gif">',
  '<svg/onload=alert`1`>',
  '</body></html><script>alert(1)</script>',
  ']]><script>alert(1)</script>',
  '\u0000<script>alert(1)</script>',
  '<scr\u00adipt>alert(1)</script>',
  '<a href="data:text/html;base64,x">x</a>',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '<?xml version="1.0"?>',
  '<![CDATA[x]]>',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '\t<script>alert(1)</script>',
  '<marquee onstart=alert(1)>',
  '<video><source onerror=alert(1)>',
];

describe('the text of an e-mail', () => {
  it('says in its subject what is the matter', () => {
    expect(writeEmail(messageOf()).subject).toBe('[Slipway] Borealis · EU rollout: stuck in uat, level 2');
    expect(writeEmail(messageOf({ kind: 'resolved' })).subject).toBe(
      '[Slipway] Borealis · EU rollout: stuck in its phase, resolved',
    );
    expect(writeEmail(messageOf({ onboarding: { ...ONBOARDING, name: null } })).subject).toContain('onb_42');
  });

  it.each(RULE_NAMES)('has words for %s', (rule: RuleName) => {
    const { subject } = writeEmail(messageOf({ escalation: { ...ESCALATION, rule } }));

    expect(subject).toMatch(/^\[Slipway\] Borealis · EU rollout: [a-z ,]+, level 2$/);
  });

  it('tells the same in text and HTML', () => {
    const { text, html } = writeEmail(messageOf());

    for (const told of [
      'Borealis · EU rollout has been stuck in uat for 9 working days.',
      'In uat for 9 working days, 8 are the limit.',
      'Entered uat on 2026-11-11.',
      '2026-12-15, first promised for 2026-12-01',
      'esc_live~main~onb_42~1',
    ]) {
      expect(text).toContain(told);
      expect(html).toContain(told);
    }
  });

  it('tells a fallback why it is asked, and a delegate for whom', () => {
    const { text } = writeEmail(
      messageOf({
        fallback: true,
        recipient: { id: 'ana', name: 'Ana', email: 'ana@vendor.example', insteadOf: 'mia' },
      }),
    );

    expect(text).toContain('Level: 2, sent to you because nobody of this level can be reached');
    expect(text).toContain('In place of: mia');
  });

  it.each(INJECTIONS)('lets %j live nowhere in the HTML', (injection) => {
    const { html } = writeEmail(
      messageOf({
        text: injection,
        recipient: { id: injection, name: injection, insteadOf: injection },
        escalation: { ...ESCALATION, id: injection, reason: injection, evidence: [injection] },
        onboarding: { ...ONBOARDING, name: injection, phase: injection, owner: injection },
      }),
    );

    const tags = new Set(html.match(/<[^\s>]*/g));
    const ours = '<!doctype <html <body <p </p <table </table <tr </tr <td </td <ul </ul <li </li </body </html';
    expect([...tags].filter((tag) => !ours.split(' ').includes(tag))).toEqual([]);
    expect(html).toContain(escapeHtml(oneLine(injection)));
  });

  it('is one line of subject whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const { subject } = writeEmail(messageOf({ onboarding: { ...ONBOARDING, name, phase: name } }));
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('never lets a reading direction out of a name', () => {
    expect(oneLine('Bore\u202ealis\r\n\tEU')).toBe('Bore alis EU');
  });
});
