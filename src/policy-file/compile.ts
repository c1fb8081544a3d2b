import type { ChannelSettings, PolicyFile, SourceSettings } from '../domain/policy/policy-file.js';
import type { Level, Person, Policy, RulePolicies } from '../domain/policy/policy.js';
import type { Calendar } from '../domain/time/calendar.js';
import { parseCivilDay, startOfCivilDay } from '../domain/time/civil-date.js';
import { wallMs } from '../domain/time/duration.js';
import { compileCalendar, compiledOffsets } from './compile-calendar.js';
import { logOnly } from './log-only.js';
import { compileRetention } from './retention-section.js';
import type { PolicyDocument } from './schema.js';
import { compileWebhooks } from './webhooks-section.js';

/** Turns a checked document into what the core decides by; every name in it is known to lead somewhere. */
export function compile(document: PolicyDocument, hash: string, now: number): PolicyFile {
  const workspace = compileWorkspace(document);
  const calendars = compileCalendars(document, workspace.timeZone, now);
  const channels = compileChannels(document);
  const people = document.people.map((person) => compilePerson(person, workspace.calendar, calendars, channels));
  const { default_phase: defaultPhase } = document;
  const policy: Policy = {
    hash,
    workspace: { ...workspace, ...offsetsOf(workspace, calendars, now) },
    calendars,
    phases: document.phases.map(({ name, behind, stuck }) => ({
      name,
      behind: behind ?? defaultPhase.behind,
      stuck: stuck ?? defaultPhase.stuck,
    })),
    defaultPhase,
    states: document.states,
    people,
    roles: document.roles,
    channels: Object.fromEntries(Object.entries(channels).map(([name, { type }]) => [name, type])),
    ladders: compileLadders(document),
    rules: compileRules(document),
    acknowledge: { expiresAfter: document.acknowledge.expires_after },
    coolDown: document.cool_down,
    stillTrueAfter: document.still_true_after,
    settle: document.settle,
    catchUp: document.catch_up,
    fallback: document.fallback,
    graceAfterCompleted: document.grace_after_completed,
  };
  return {
    policy,
    channels,
    sources: compileSources(document),
    retention: compileRetention(document.retention),
    webhooks: compileWebhooks(document.webhooks),
    logOnly: logOnly(document, people, channels),
  };
}

/** `checkNames` has seen to it that the calendar is there. */
function compileWorkspace({ workspace, calendars }: PolicyDocument): Policy['workspace'] {
  const calendar = workspace.calendar ?? 'office';
  return { calendar, timeZone: workspace.time_zone ?? calendars[calendar]?.time_zone ?? 'UTC' };
}

/** Only where they differ from the calendar's: a policy is part of every workflow's state. */
function offsetsOf(
  { timeZone, calendar }: Policy['workspace'],
  calendars: Record<string, Calendar>,
  now: number,
): Pick<Policy['workspace'], 'offsets'> {
  return calendars[calendar]?.zone === timeZone ? {} : { offsets: compiledOffsets(timeZone, now) };
}

function compileCalendars(document: PolicyDocument, zone: string, now: number): Record<string, Calendar> {
  return Object.fromEntries(
    Object.entries(document.calendars).map(([name, { time_zone, ...settings }]) => [
      name,
      compileCalendar({ ...settings, name, zone: time_zone ?? zone }, now),
    ]),
  );
}

function compileChannels(document: PolicyDocument): Record<string, ChannelSettings> {
  const all = Object.entries(document.channels).map(([name, channel]): [string, ChannelSettings] => {
    if (channel.type === 'webhook') return [name, { type: 'webhook', url: channel.url, secretEnv: channel.secret_env }];
    if (channel.type === 'email')
      return [name, { type: 'email', smtpUrlEnv: channel.smtp_url_env, from: channel.from }];
    return [name, { type: 'log' }];
  });
  return Object.fromEntries(all);
}

function compilePerson(
  person: PolicyDocument['people'][number],
  workspaceCalendar: string,
  calendars: Record<string, Calendar>,
  channels: Record<string, ChannelSettings>,
): Person {
  const calendar = person.calendar ?? workspaceCalendar;
  const zone = calendars[calendar] as Calendar;
  const mail = Object.keys(channels).find((name) => channels[name]?.type === 'email');
  const own = mail !== undefined && person.emails.length > 0 ? mail : 'log';
  return {
    id: person.id,
    name: person.name ?? person.id,
    emails: person.emails,
    pivotalIds: person.pivotal_ids,
    ...(person.manager === undefined ? {} : { manager: person.manager }),
    calendar,
    channels: person.channels ?? [own],
    timeOff: person.time_off.map(({ from, to, delegate }) => ({
      from: startOfCivilDay(zone, parseCivilDay(from) as number),
      to: startOfCivilDay(zone, (parseCivilDay(to) as number) + 1),
      ...(delegate === undefined ? {} : { delegate }),
    })),
  };
}

function compileLadders({ ladders }: PolicyDocument): Record<string, Level[]> {
  return Object.fromEntries(
    Object.entries(ladders).map(([name, levels]) => [
      name,
      levels.map(({ after, to, channels, repeat }) => ({
        after,
        to,
        ...(channels === undefined ? {} : { channels }),
        ...(repeat === undefined ? {} : { repeat }),
      })),
    ]),
  );
}

/** A rule that is off is absent. */
function compileRules({ rules }: PolicyDocument): RulePolicies {
  const on = Object.entries(rules).flatMap(([name, rule]) => {
    if (rule === 'off') return [];
    const { any_hour: anyHour, ...settings } = rule;
    return [[name, { ...settings, anyHour }] as const];
  });
  return Object.fromEntries(on);
}

function compileSources({ sources }: PolicyDocument): SourceSettings[] {
  return Object.entries(sources).map(([name, source]) => ({
    name,
    mode: source.mode,
    workspace: source.workspace,
    secretEnv: source.secret_env,
    toleranceMs: wallMs(source.tolerance) as number,
  }));
}
