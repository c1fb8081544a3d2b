import { fail, ok, type Said, skipped } from '../finding.js';
import { isSeen, type Observations } from '../observations.js';

/** The oldest PostgreSQL that Slipway is tested with, as `server_version_num`. */
const OLDEST = 140_000;

/** The store answers, is new enough, can be written and has the tables of this version. */
export function store({ store: seen }: Observations): readonly Said[] {
  if (!isSeen(seen)) {
    if (seen.expected) return [skipped(seen.unseen)];
    return [
      fail(
        seen.unseen,
        'Nothing can be received: the sender is answered 503 and tries again, for a day at the most.',
        'Check that PostgreSQL runs, and that host, port, user, password and database of DATABASE_URL are right.',
      ),
    ];
  }
  const { kind, version, writable, migrations } = seen;
  const name = `PostgreSQL ${Math.floor(version / 10_000)} (${kind})`;
  return [
    version >= OLDEST
      ? ok(`${name} answers.`)
      : fail(
          `${name} is older than 14.`,
          'Slipway needs what PostgreSQL has from 14 on, and does not start.',
          'Upgrade the server of DATABASE_URL.',
        ),
    writable
      ? ok('The store can be written.')
      : fail(
          'The store is read-only.',
          'No event can be taken in.',
          'Point DATABASE_URL at the primary, or give the user the right to write.',
        ),
    migrated(migrations),
  ];
}

function migrated({ missing, unknown }: { missing: readonly string[]; unknown: readonly string[] }): Said {
  if (unknown.length > 0)
    return fail(
      `The store was written by a newer Slipway (it has ${unknown.join(', ')}).`,
      'This version would not understand it.',
      'Run the newer version, or restore a backup from before the upgrade.',
    );
  if (missing.length > 0)
    return fail(
      `The store lacks ${missing.join(', ')}.`,
      'Servers wait until the tables are up to date.',
      'Run `slipway migrate`; `slipway start` does so by itself.',
    );
  return ok('The tables are up to date.');
}
