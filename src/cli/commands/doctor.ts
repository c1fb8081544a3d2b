import type { Command } from 'commander';
import type { Finding } from '../../doctor/finding.js';
import { CliFailure, EXIT } from '../failure.js';
import type { LocalDeps } from '../local-deps.js';
import { clean, plural, wrapped } from '../text.js';

/** `slipway doctor`: what is wrong, why it matters, and what to do, with Slipway up or down. */
export function doctor(program: Command, deps: LocalDeps): void {
  program
    .command('doctor')
    .description('look for what is wrong here, with Slipway up or down; changes nothing')
    .option('--all', 'show what is well too')
    .option('--json', 'print every finding as JSON, for programs')
    .action(async ({ all, json }: { all?: true; json?: true }) => {
      if (deps.columns !== Infinity && !json) deps.err('Looking ...\n');
      const findings = await deps.examine();
      const failed = findings.filter(({ level }) => level === 'fail').length;
      deps.out(
        json
          ? `${JSON.stringify({ ok: failed === 0, findings }, null, 2)}\n`
          : tell(findings, all === true, deps.columns),
      );
      if (failed > 0) throw new CliFailure(EXIT.refused, `${plural(failed, 'fault')} to mend.`);
    });
}

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skipped: '-   ' } as const;
const INDENT = ' '.repeat(6);

function tell(findings: readonly Finding[], all: boolean, columns: number): string {
  const shown = findings.filter(({ level }) => all || level === 'warn' || level === 'fail');
  const told = shown.map((finding) => sayFinding(finding, columns)).join('');
  const counted = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const left = counted('skipped') > 0 ? `, ${counted('skipped')} left out` : '';
  const hint = all ? '' : '; --all shows them';
  return `${told}${shown.length > 0 ? '\n' : ''}${counted('ok')} ok, ${plural(counted('warn'), 'warning')}, ${plural(counted('fail'), 'fault')}${left}${hint}.\n`;
}

function sayFinding({ level, what, why, fix }: Finding, columns: number): string {
  const [first = '', ...rest] = wrapped(clean(what), columns, INDENT).split('\n');
  const head = `${MARKS[level]}  ${first.slice(INDENT.length)}\n${rest.join('\n')}`;
  const reason = why === undefined ? '' : wrapped(clean(why), columns, INDENT);
  return head + reason + (fix === undefined ? '' : wrapped(`Do: ${clean(fix)}`, columns, INDENT));
}
