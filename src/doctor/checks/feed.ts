import { fail, ok, type Said, skipped, warn } from '../finding.js';
import { isSeen, type Observations } from '../observations.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A workspace with open onboardings is not silent for so long on working days, and a weekend is shorter. */
const SILENT_MS = 72 * HOUR_MS;
/** Applying follows receiving within seconds. */
const LAGGING_MS = 5 * MINUTE_MS;

/** Events arrive, are handed on, and come from whom they should. */
export function feed({ store, now }: Observations): readonly Said[] {
  const archive = isSeen(store) ? store.archive : null;
  if (archive === null) return [skipped('The feed was not looked at: the archive could not be read.')];
  const { pending, oldestPendingAt, lastReceivedAt, orgs } = archive;
  return [
    age(lastReceivedAt, now),
    backlog(pending, oldestPendingAt, now),
    ...orgs.filter((one) => one.orgs.length > 1).map(twoOrgs),
  ];
}

function age(lastReceivedAt: number | null, now: number): Said {
  const fix =
    "Look at the endpoint's deliveries in Pivotal: it disables one that failed a hundred times. `slipway rejections` lists what came and was turned away.";
  if (lastReceivedAt === null)
    return warn(
      'No event has ever arrived.',
      'Without events nobody is chased.',
      `Point Pivotal's endpoint at POST /webhooks/pivotal, or try \`slipway send onboarding.created\`. ${fix}`,
    );
  const hours = Math.floor((now - lastReceivedAt) / HOUR_MS);
  const what = `The latest event arrived ${hours < 1 ? 'within the last hour' : hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`}.`;
  return now - lastReceivedAt > SILENT_MS
    ? warn(what, 'So long a silence is rarely true; people may be chased for what only seems to be.', fix)
    : ok(what);
}

function backlog(pending: number, oldestAt: number | null, now: number): Said {
  if (pending === 0 || oldestAt === null) return ok('Every event was handed to its workflow.');
  const minutes = Math.floor((now - oldestAt) / MINUTE_MS);
  const what = `${pending === 1 ? 'One event waits' : `${pending} events wait`} to be handed to workflows, the oldest for ${minutes} min.`;
  if (now - oldestAt < LAGGING_MS) return ok(what);
  return fail(
    what,
    'Nobody is chased by what they say; nothing is lost.',
    'Look whether Temporal answers and whether a server runs; they are handed on by themselves once it does.',
  );
}

const twoOrgs = ({ source, orgs }: { source: string; orgs: readonly string[] }): Said =>
  warn(
    `Source ${source} speaks for ${orgs.length} orgs: ${orgs.join(', ')}.`,
    'Two senders share one workspace, and onboardings with the same id would become one.',
    'Give each sender a source and a secret of its own in slipway.yaml.',
  );
