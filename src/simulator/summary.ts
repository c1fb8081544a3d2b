import type { Escalation, Onboarding } from '../contracts/api.js';
import type { Console } from './console.js';
import { DAY_MS } from './workday.js';

/** What Slipway's own API says of the story, once it is over. */
export interface Summary {
  readonly rows: readonly (readonly [what: string, figure: string])[];
  /** An onboarding that is worth a look: the one that was chased most. */
  readonly example: Onboarding | undefined;
  readonly notSignalled: number;
}

interface Status {
  readonly inbox: { readonly pending: number };
}

/** Counts from the API alone, so that the table is what the product knows and not what the simulator meant. */
export async function summarise(console: Console, zone: string): Promise<Summary> {
  const [onboardings, escalations, rejections, metrics, status] = await Promise.all([
    console.all<Onboarding>('/api/v1/onboardings'),
    console.all<Escalation>('/api/v1/escalations'),
    console.all<{ reason: string }>('/api/v1/rejections'),
    console.text('/metrics'),
    console.get<Status>('/api/v1/status'),
  ]);
  const chased = [...onboardings].sort((a, b) => sendsOf(b.escalations).length - sendsOf(a.escalations).length);
  return {
    rows: [
      ...launches(onboardings, zone),
      ...stalls(onboardings),
      ...chases(escalations, metrics),
      ...edge(metrics, rejections),
    ],
    example: chased[0],
    notSignalled: status.inbox.pending,
  };
}

function launches(onboardings: readonly Onboarding[], zone: string): [string, string][] {
  const launched = onboardings.filter((one) => one.launched_at !== null);
  const onTime = (promise: 'first' | 'latest') =>
    launched.filter((one) => {
      const target = one.target[promise];
      return target !== null && one.launched_at !== null && civilDay(one.launched_at, zone) <= target;
    }).length;
  const completed = onboardings.filter((one) => one.completed_at !== null).length;
  return [
    ['Onboardings', `${onboardings.length}, of which ${launched.length} launched and ${completed} completed`],
    ['On time', `${onTime('first')} against the first promise, ${onTime('latest')} against the latest`],
  ];
}

function stalls(onboardings: readonly Onboarding[]): [string, string][] {
  const stalled = onboardings.filter((one) => one.stalled_ms > 0);
  const days = stalled.reduce((sum, one) => sum + one.stalled_ms, 0) / DAY_MS;
  return [['Stalled', `${Math.round(days)} days in all, over ${stalled.length} onboardings`]];
}

function chases(escalations: readonly Escalation[], metrics: string): [string, string][] {
  const sends = sendsOf(escalations);
  const levels = new Map<number, number>();
  for (const { level } of sends) levels.set(level, (levels.get(level) ?? 0) + 1);
  const byLevel = [...levels].sort(([a], [b]) => a - b).map(([level, count]) => `${count} on level ${level}`);
  const acted = (verb: string) => counter(metrics, 'slipway_actions_total', `verb="${verb}"`);
  const byPeople = escalations.filter((one) => one.resolved?.by != null).length;
  const byThemselves = escalations.filter((one) => one.status === 'resolved' && one.resolved?.by == null).length;
  const open = escalations.filter((one) => one.status !== 'resolved').length;
  return [
    ['Messages to people', `${sends.length}: ${byLevel.join(', ')}`],
    [
      'People',
      `acknowledged ${acted('acknowledge')} times, snoozed ${acted('snooze')}, resolved ${acted('resolve')}, closed ${acted('close')} onboardings`,
    ],
    [
      'Escalations',
      `${escalations.length}: ${byThemselves} ended because things moved, ${byPeople} by a person, ${open} are open`,
    ],
  ];
}

function edge(metrics: string, rejections: readonly { reason: string }[]): [string, string][] {
  const received = counter(metrics, 'slipway_events_received_total');
  const duplicates = counter(metrics, 'slipway_events_duplicate_total');
  const reasons = [...new Set(rejections.map(({ reason }) => reason))].join(', ');
  return [
    ['Events', `${received} received, of which ${duplicates} were repeats and changed nothing`],
    ['Forgeries', `${rejections.length} turned away${reasons ? ` (${reasons})` : ''}`],
  ];
}

const sendsOf = (escalations: readonly Escalation[]) =>
  escalations.flatMap((one) => one.sends.filter(({ kind, status }) => kind === 'notified' && status === 'sent'));

/** The sum of a counter over all its labels, or over those with `label`, in the text that Prometheus reads. */
export function counter(metrics: string, name: string, label = ''): number {
  const samples = metrics
    .split('\n')
    .filter((line) => line.startsWith(name) && /[{ ]/.test(line.charAt(name.length)) && line.includes(label));
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** `2026-12-18`, the day that it is in the zone. */
function civilDay(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(Date.parse(iso));
}
