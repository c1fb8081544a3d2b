import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Era } from './era.js';
import type { Finding } from './parts/finding.js';
import { FAULT_NAMES, type FaultName, planCycle, sayStrike, type Strike } from './plan.js';
import { tooSlow } from './recovery.js';
import { type EraFigures, Report } from './report.js';
import { carryOut } from './strikes.js';
import { SOAK, SOAK_MOST_MB, strikingIn, type Variant, VARIANTS } from './variants.js';

/**
 * `npm run faults -- --minutes 60 --seed 7`: everything that can be broken, drawn from the seed, on one cluster after the
 * other, for as long as asked. Prints the table and exits 1 on any violation; then the era it showed in is kept.
 */
const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Events a second: about half of what two cores carry with all of it on them. */
    rate: { type: 'string', default: '25' },
    /** Faults, separated by commas; all of them unless given. */
    only: { type: 'string' },
    /** Begins with this era: one that failed is played again alone. `soak`: the last part, for as long as asked. */
    era: { type: 'string', default: '0' },
    directory: { type: 'string' },
  },
});

const soakAlone = given.era === 'soak';
const { minutes, seed, rate, firstEra, only, directory } = asked();

const STRIKES_A_CYCLE = 8;
/** After so many minutes the histories of an era are too many to be read again and again. */
const ERA_MINUTES = Math.min(10, minutes);
const SETTLES_WITHIN_MS = 240_000;
/** An event that takes longer to be applied has met a machine with other work. */
const BUSY_MS = 1_500;
const HERD_PER_SECOND = 400;
/** A third more than both workers of a soak remember, see `SOAK`: which worker gets which is a matter of chance. */
const SOAK_CROWD = 900;
const CROWD_PER_SECOND = 60;

const startedAt = Date.now();
const endsAt = startedAt + minutes * 60_000;
/** Memory needs minutes to show whether it grows. */
const soakShare = minutes < 15 ? 0 : 1 / 6;
const soakMs = (soakAlone ? 1 : soakShare) * minutes * 60_000;
const report = new Report();
let interrupted = false;

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    say(`stopped by ${signal}`);
    finish(code);
  });

say(`seed ${seed}, ${minutes} minutes, ${rate} events a second; what is left of it goes to ${directory}`);
try {
  for (let nth = firstEra; Date.now() < endsAt - soakMs; nth++) await playEra(nth);
  if (soakMs > 0) await soak();
} catch (error) {
  report.violated(`the harness broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
finish(report.violations.length > 0 ? 1 : 0);

async function playEra(nth: number): Promise<void> {
  const variant = VARIANTS[nth % VARIANTS.length] as Variant;
  if (strikingIn(variant, only).length === 0) return;
  await during(`era-${nth}`, nth, variant, async (era) => {
    const until = Math.min(endsAt - soakMs, Date.now() + ERA_MINUTES * 60_000);
    for (let cycle = 0; cycle === 0 || Date.now() < until; cycle++) await playCycle(era, variant, nth, cycle);
    await herd(era);
    return era.judge({ atEnd: true });
  });
}

/** The last part of a long run: the same load, and nothing broken, so that memory can be seen to be flat. */
async function soak(): Promise<void> {
  await during('soak', 0, SOAK, async (era) => {
    await era.crowd(SOAK_CROWD, CROWD_PER_SECOND);
    await era.settled(SETTLES_WITHIN_MS);
    const traffic = era.load(rate);
    await era.measureCalm();
    await pause(soakMs);
    // While it is busy: what is idle gives memory back.
    era.memory.stop();
    await traffic.stop();
    await era.settled(SETTLES_WITHIN_MS);
    return era.judge({ atEnd: true, mostMb: SOAK_MOST_MB });
  });
}

/** One cluster from its start to its end. Its directory stays where something was violated in it. */
async function during(
  name: string,
  nth: number,
  variant: Variant,
  live: (era: Era) => Promise<readonly Finding[]>,
): Promise<void> {
  const place = join(directory, name);
  const before = report.violations.length;
  say(`${name}: ${variant.name} (${variant.row})`);
  const era = await Era.begin({ seed: seed + nth, directory: place, ...variant.options });
  writeFileSync(join(place, 'seed.json'), JSON.stringify({ seed, name, variant: variant.name, rate, only }));
  try {
    report.era(name, figuresOf(era, await live(era)));
    for (const one of era.cluster.unbidden) report.violated(one);
  } finally {
    if (!interrupted) await era.end();
  }
  if (report.violations.length > before) say(`${name} is kept: ${place}`);
  else rmSync(place, { recursive: true, force: true });
}

/** Faults under load, then quiet until every ladder has ended, then the judgement. */
async function playCycle(era: Era, variant: Variant, nth: number, cycle: number): Promise<void> {
  const traffic = era.load(rate);
  await variant.turn?.(era, cycle);
  if (cycle === 0) await era.measureCalm();
  if (cycle === 0 && era.calm.appliedMs > BUSY_MS)
    say(
      `  An event takes ${(era.calm.appliedMs / 1_000).toFixed(1)} s with nothing broken: too busy a machine for figures of time.`,
    );
  for (const strike of planCycle(seed + nth, cycle, STRIKES_A_CYCLE, strikingIn(variant, only))) {
    await pause(strike.afterMs);
    await play(era, strike);
    if (Date.now() > endsAt - soakMs) break;
  }
  await traffic.stop();
  const { retrying } = await era.settled(SETTLES_WITHIN_MS);
  const findings = await era.judge();
  report.era(`era-${nth}`, figuresOf(era, findings));
  tell(era, cycle, findings, retrying);
}

async function play(era: Era, strike: Strike): Promise<void> {
  const from = Date.now();
  const struck = await carryOut(era.cluster, strike);
  const lasted = { from, to: Date.now() };
  const recovery = await era.recover();
  era.broke(strike, lasted);
  // Where a second process died meanwhile, the limits of the first fault say nothing.
  const slow = strike.within || !struck.met ? [] : tooSlow(strike.fault, recovery, era.calm);
  report.struck(strike.fault, { ...struck, violations: [...(struck.violations ?? []), ...slow] }, recovery);
  const applied = `${(recovery.appliedMs / 1_000).toFixed(1)} s`;
  say(
    `  ${struck.met ? '' : '(missed) '}${sayStrike(strike)}: an event applied after ${applied}${slow.length ? ' TOO SLOW' : ''}`,
  );
}

/** All events of the era once more, as fast as the edge takes them: none is applied again. */
async function herd(era: Era): Promise<void> {
  report.repeated(await era.repeatAll(HERD_PER_SECOND));
  await era.settled(SETTLES_WITHIN_MS);
}

function tell(era: Era, cycle: number, findings: readonly Finding[], retrying: number): void {
  const broken = findings.filter(({ violations }) => violations.length > 0);
  const { events } = era.ledger.figures();
  const sends = findings.find(({ id }) => id === 'I3')?.n ?? 0;
  const verdict = broken.length === 0 ? 'all hold' : `VIOLATED ${broken.map(({ id }) => id).join(', ')}`;
  const waiting = retrying ? `, ${retrying} wait for another try` : '';
  say(`  cycle ${cycle}: ${events.acked} events, ${sends} sends${waiting}: ${verdict}`);
}

function figuresOf({ ledger }: Era, findings: readonly Finding[]): EraFigures {
  const { events, ackedWait } = ledger.figures();
  return { findings, events: events.acked, waits: ackedWait };
}

/** The table so far, also where somebody stops it: then the exit code is that of the signal. */
function finish(code: number): void {
  interrupted = true;
  const text = `${report.text()}\n\nseed ${seed}, ${report.strikes} faults in ${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes; again: npm run faults -- --seed ${seed} --minutes ${minutes}\n`;
  writeFileSync(join(directory, 'report.txt'), text);
  process.stdout.write(`\n${text}`);
  process.exit(code);
}

function say(text: string): void {
  process.stdout.write(`${((Date.now() - startedAt) / 60_000).toFixed(1).padStart(5)} min  ${text}\n`);
}

/** Ends the process with a sentence where something was asked for that cannot be. */
function asked() {
  try {
    return {
      minutes: number('minutes', given.minutes),
      seed: number('seed', given.seed),
      rate: number('rate', given.rate),
      firstEra: soakAlone ? 0 : number('era', given.era),
      only: chosenFaults(given.only),
      directory: given.directory ? emptyDirectory(given.directory) : mkdtempSync(join(tmpdir(), 'slipway-faults-run-')),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`--${name} is "${text}"; give a number.`);
}

function chosenFaults(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return FAULT_NAMES;
  const named = text.split(',');
  const unknown = named.find((name) => !FAULT_NAMES.some((fault) => fault === name));
  if (unknown === undefined) return FAULT_NAMES.filter((fault) => named.includes(fault));
  throw new RangeError(`--only names "${unknown}"; choose from ${FAULT_NAMES.join(', ')}.`);
}

/** What an earlier run left is evidence: nothing is written into it, and nothing of it taken away. */
function emptyDirectory(given: string): string {
  const path = resolve(given);
  mkdirSync(path, { recursive: true });
  if (readdirSync(path).length === 0) return path;
  throw new RangeError(`--directory ${given} holds something, of an earlier run perhaps: name an empty one.`);
}
