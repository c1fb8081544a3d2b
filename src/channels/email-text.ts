import type { SendKind } from '../domain/escalation/escalation.js';
import type { RuleName } from '../domain/policy/policy.js';
import { type ChannelMessage, cutText } from './channel.js';

/** What an e-mail says. All of it may hold what people typed: `html` is escaped, `subject` is one plain line. */
export interface EmailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function writeEmail(message: ChannelMessage): EmailText {
  const text = cutText(message.text);
  const rows = facts(message);
  const evidence = message.escalation.evidence.map(cutText);
  return { subject: subject(message), text: plain(text, rows, evidence), html: html(text, rows, evidence) };
}

/** Mail programs cut a subject at about this many characters. */
const LONGEST_NAME = 80;

/** `[Slipway] Borealis · EU rollout: stuck in uat, level 2`. */
function subject({ kind, level, escalation, onboarding }: ChannelMessage): string {
  const name = oneLine(onboarding.name ?? onboarding.id).slice(0, LONGEST_NAME);
  const phase = kind === 'notified' && onboarding.phase ? oneLine(onboarding.phase) : null;
  const what = escalation.rule === 'stuck_in_phase' && phase ? `stuck in ${phase}` : RULE_WORDS[escalation.rule];
  return `[Slipway] ${name}: ${what}, ${kind === 'notified' ? `level ${level}` : KIND_WORDS[kind]}`;
}

const RULE_WORDS: Readonly<Record<RuleName, string>> = {
  stuck_in_phase: 'stuck in its phase',
  no_activity: 'no activity',
  at_risk: 'at risk',
  target_near: 'target date near',
  target_passed: 'target date passed',
  target_moved: 'target date moved',
  waiting_too_long: 'waiting too long',
  launched_not_completed: 'launched, not completed',
  customer_at_risk: 'customer at risk',
  customer_churned: 'customer churned',
};

const KIND_WORDS: Readonly<Record<Exclude<SendKind, 'notified'>, string>> = {
  acknowledged: 'acknowledged',
  snoozed: 'snoozed',
  resolved: 'resolved',
};

type Row = readonly [label: string, value: string];

function facts({ onboarding, escalation, level, fallback, recipient }: ChannelMessage): readonly Row[] {
  const { first, latest } = onboarding.target;
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['Onboarding', onboarding.name ?? onboarding.id],
    ['Phase', onboarding.phase],
    ['Health', onboarding.health.replaceAll('_', ' ')],
    ['Target date', latest && first && first !== latest ? `${latest}, first promised for ${first}` : latest],
    ['Owner', onboarding.owner],
    ['Why', escalation.reason],
    ['Level', fallback ? `${level}, sent to you because nobody of this level can be reached` : String(level)],
    ['In place of', recipient.insteadOf],
    ['Escalation', escalation.id],
  ];
  return rows.flatMap(([label, value]) => (value ? [[label, oneLine(cutText(value))] as const] : []));
}

function plain(text: string, rows: readonly Row[], evidence: readonly string[]): string {
  const table = rows.map(([label, value]) => `${label}: ${value}`).join('\n');
  const list = evidence.map((line) => `- ${oneLine(line)}`).join('\n');
  return [text, table, list].filter((part) => part !== '').join('\n\n');
}

function html(text: string, rows: readonly Row[], evidence: readonly string[]): string {
  const table = rows
    .map(
      ([label, value]) =>
        `<tr><td style="color:#666;padding-right:1em">${label}</td><td>${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const list = evidence.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return [
    '<!doctype html><html><body style="font-family:sans-serif">',
    `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`,
    `<table>${table}</table>`,
    list ? `<ul>${list}</ul>` : '',
    '</body></html>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** Control characters and line breaks, Unicode's own and those that turn the reading direction included, become spaces. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
