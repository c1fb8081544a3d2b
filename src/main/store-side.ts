import { randomUUID } from 'node:crypto';
import { StoreUnavailable } from '../contracts/inbox.js';
import { reasonOf } from '../embedded/embedded-error.js';
import { NewerStore, OldServer } from '../store/migrate.js';
import { openStore, type Store, type StoreSettings } from '../store/store.js';
import { SettingError } from './settings.js';
import type { Teardown } from './teardown.js';

/** Opens the store and brings its tables up to date. `isGiven`: the database is that of `DATABASE_URL` and not ours. */
export async function openMigrated(
  settings: Pick<StoreSettings, 'url' | 'observer' | 'secretKey' | 'virtualNow'>,
  isGiven: boolean,
  teardown: Teardown,
): Promise<Store> {
  const store = openStore({ ...settings, serverId: randomUUID() });
  teardown.add('store', () => store.close());
  try {
    await store.migrate();
    return store;
  } catch (error) {
    if (error instanceof NewerStore || error instanceof OldServer) throw new SettingError(error.message);
    // Ours has just answered: what is wrong with it is no setting.
    if (!isGiven) throw error;
    throw new SettingError(
      `The PostgreSQL of DATABASE_URL cannot be used (${whatItSaid(error)}): check that it runs, that host, port, user, password and database are right, and that this user may make tables there.`,
    );
  }
}

/** The words of the driver or the server, of which none is the password. */
function whatItSaid(error: unknown): string {
  const cause = error instanceof StoreUnavailable ? error.cause : error;
  return cause instanceof AggregateError ? cause.errors.map(reasonOf).join('; ') : reasonOf(cause);
}
