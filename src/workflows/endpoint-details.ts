import type { DeliverReport } from '../contracts/delivery.js';
import type { DisabledBy } from '../contracts/webhooks.js';
import { cell } from './markdown.js';

const DISABLED: Readonly<Record<DisabledBy, string>> = {
  operator: 'disabled by an operator',
  receiver: 'disabled: it answered that it wants nothing more',
  failing: 'disabled: too many deliveries in a row used up all their tries',
};

/** What an operator reads on the workflow's page in the Temporal UI: markdown, of the address no more than the host. */
export function endpointDetails(title: string, report: DeliverReport | undefined): string {
  if (!report) return `### ${cell(title)}\n\nThe first look at its queue is not over.`;
  if (report.gone) return `### ${cell(title)}\n\nThe endpoint was deleted.`;
  const rows: readonly [string, string][] = [
    ['Sends to', hostOf(report.url)],
    ['State', report.disabled ? `**${DISABLED[report.disabled]}**` : 'enabled'],
    ['Pending', String(report.pending)],
    ['Next try', nextTry(report)],
    ['Failed for good in a row', String(report.failures)],
    ['Last failure', failure(report)],
    ['As of', instant(report.at)],
  ];
  const lines = rows.map(([name, value]) => `| ${name} | ${cell(value)} |`);
  return [`### ${cell(title)}`, '', '| | |', '| --- | --- |', ...lines].join('\n');
}

/** A path or query may hold a key of the receiver's, so neither is shown. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that cannot be read';
}

/** Virtual, to the second. */
export const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function nextTry({ nextAt, disabled }: DeliverReport): string {
  if (nextAt !== null) return instant(nextAt);
  return disabled ? 'none while it is disabled' : 'none: waits for a message';
}

function failure({ lastFailure }: DeliverReport): string {
  return lastFailure ? `${instant(lastFailure.at)}: ${lastFailure.why}` : 'none';
}
