import { CATALOGUE } from '../contracts/api-catalogue.js';
import { keepClock } from './keep-clock.js';
import { createObservation } from './observer.js';
import { putIntoForce, type ReadPolicyFile, readPolicyFile } from './policy-file-here.js';
import { type Settings, SettingError } from './settings.js';
import { openMigrated } from './store-side.js';
import { Teardown } from './teardown.js';

/**
 * `slipway migrate`: brings the tables up to date and puts the policy file into force; run once before each release's
 * servers and workers, and safe to repeat. Servers tell the open onboardings of a new policy.
 */
export async function runMigrate(settings: Settings, say: (text: string) => void): Promise<void> {
  if (!settings.databaseUrl) {
    throw new SettingError(
      '`slipway migrate` brings the tables of a PostgreSQL of your own up to date, and DATABASE_URL is not set: set it; `slipway start` looks after its own tables.',
    );
  }
  const read = readPolicyFile(settings.configFile, Date.now());
  const teardown = new Teardown();
  try {
    const { observer } = createObservation('silent', undefined);
    const store = await openMigrated({ url: settings.databaseUrl, observer }, true, teardown);
    say('The tables are up to date.');
    await keepClock(store.meta, settings.clockSpeed, Date.now());
    await store.webhooks.eventTypes.publish(CATALOGUE);
    const changed = await putIntoForce(store.policies, store.meta, read);
    say(
      changed
        ? `The policy of ${read.path} is in force (${read.hash}).`
        : `The policy in force stays (${(await store.policies.current())?.hash}): ${whyItStays(read)}.`,
    );
  } finally {
    await teardown.run(() => {});
  }
}

const whyItStays = ({ path, isWished }: ReadPolicyFile): string =>
  isWished
    ? `${path} has not changed since it was put there`
    : 'no file of yours is here to replace it, since SLIPWAY_CONFIG is unset and there is no slipway.yaml in this directory';
