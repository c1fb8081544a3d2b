import { channels } from './checks/channels.js';
import { clock } from './checks/clock.js';
import { dataDirectory } from './checks/data-directory.js';
import { feed } from './checks/feed.js';
import { policy } from './checks/policy.js';
import { ports } from './checks/ports.js';
import { running } from './checks/running.js';
import { secrets } from './checks/secrets.js';
import { settings } from './checks/settings.js';
import { store } from './checks/store.js';
import { temporal } from './checks/temporal.js';
import type { Finding, Said } from './finding.js';
import type { Observations } from './observations.js';

/** In the order in which a person would look: what everything else stands on comes first. */
const CHECKS: Readonly<Record<string, (seen: Observations) => readonly Said[]>> = {
  settings,
  running,
  data_directory: dataDirectory,
  ports,
  secrets,
  policy,
  channels,
  store,
  temporal,
  clock,
  feed,
};

/** Every finding of every check. Pure: the same observations give the same findings. */
export function examine(seen: Observations): readonly Finding[] {
  return Object.entries(CHECKS).flatMap(([check, look]) => look(seen).map((said) => ({ check, ...said })));
}
