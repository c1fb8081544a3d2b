import { fail, ok, type Said, skipped, warn } from '../finding.js';
import { isSeen, type Observations, type TemporalSeen } from '../observations.js';

/** The sender may replay what happened so many days ago: a workflow that is forgotten before would begin anew. */
const RETENTION_DAYS = 90;

/** The Temporal server answers, remembers long enough, knows the search attributes, has workers, and nothing stands still. */
export function temporal(seen: Observations): readonly Said[] {
  const { temporal: server, store, console: running } = seen;
  if (!isSeen(server)) {
    if (server.expected) return [skipped(server.unseen)];
    return [
      fail(
        server.unseen,
        'Events are still taken in, but nobody is chased until it answers.',
        'Check that it runs and that the TEMPORAL_* variables fit it.',
      ),
    ];
  }
  const answers = ok(`Temporal answers at ${server.address}.`);
  if (server.namespaceId === null)
    return [
      answers,
      warn(
        `There is no namespace ${server.namespace} yet.`,
        'Workflows live in it.',
        'The next start makes it where it may; on Temporal Cloud make it by hand, with 90 days of retention.',
      ),
    ];
  const known = isSeen(store) ? (store.archive?.namespaceId ?? null) : null;
  return [
    answers,
    belonging(server, known),
    retention(server),
    attributes(server),
    workers(server, running.state === 'up'),
    stuck(server),
  ];
}

function belonging({ namespaceId, namespace, address }: TemporalSeen, known: string | null): Said {
  if (known === null || known === namespaceId) return ok(`Namespace ${namespace} is the one of this store.`);
  return fail(
    `The store belongs to another Temporal server than the one at ${address}.`,
    'That one knows none of its onboardings.',
    'Point TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE at the former one, or run `slipway start --rebuild`.',
  );
}

function retention({ namespace, retentionDays }: TemporalSeen): Said {
  const days = Math.floor(retentionDays);
  if (days >= RETENTION_DAYS) return ok(`Closed workflows are kept ${days} days.`);
  return fail(
    `Namespace ${namespace} keeps closed workflows ${days} days, and ${RETENTION_DAYS} are needed.`,
    'An event that is replayed later would start an onboarding anew that has ended.',
    `temporal operator namespace update --retention ${RETENTION_DAYS}d --namespace ${namespace}`,
  );
}

function attributes({ namespace, attributes: { missing, mistyped } }: TemporalSeen): Said {
  if (mistyped.length > 0)
    return fail(
      `Search attributes of another type: ${mistyped.join(', ')}.`,
      'Workflows that set them fail to start.',
      `Remove them from namespace ${namespace}, or use another namespace.`,
    );
  if (missing.length > 0)
    return fail(
      `Search attributes that are not registered: ${missing.join(', ')}.`,
      'A workflow that sets one is refused.',
      `Start Slipway, which registers them where it may; else: temporal operator search-attribute create --namespace ${namespace} ${missing.map((one) => `--name ${one.split('=')[0] ?? one} --type ${one.split('=')[1] ?? 'Keyword'}`).join(' ')}`,
    );
  return ok('Every search attribute is registered.');
}

function workers({ workers: count }: TemporalSeen, isUp: boolean): Said {
  if (count > 0) return ok(`${count === 1 ? 'A worker asks' : `${count} workers ask`} for work.`);
  if (!isUp) return skipped('No worker asks for work: no Slipway runs.');
  return fail(
    'No worker asks for work.',
    'Workflows stand still, and nobody is chased.',
    'Start one with `slipway worker`, and look at the log of those that should run.',
  );
}

function stuck({ stuck: seen }: TemporalSeen): Said {
  if (seen === null) return skipped('Whether workflows stand still could not be told: this server does not report it.');
  if (seen.count === 0) return ok('No workflow stands still.');
  return fail(
    `${seen.count === 1 ? 'A workflow stands' : `${seen.count} workflows stand`} still: ${seen.examples.join(', ')}${seen.count > seen.examples.length ? ' …' : ''}.`,
    'Its worker fails at it again and again, so nobody of it is chased.',
    'Read the failure in the Temporal UI. After a fix, restart the workers; `slipway rebuild <onboarding>` makes one anew from the archive.',
  );
}
