import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import { type Account, accountForRoot, firstClosedTo, letOthersPass } from './unprivileged-account.js';

/** Where the files of the embedded PostgreSQL are. */
export interface PostgresPlace {
  /** Ours, in the data directory: password, port, log. */
  readonly home: string;
  /** The cluster itself; PostgreSQL's account owns it. */
  readonly cluster: string;
  /** For a copy of the binaries where PostgreSQL's account cannot use the installed ones. */
  readonly spare: string;
  /** Undefined where PostgreSQL runs as ourselves. */
  readonly account: Account | undefined;
}

/** Where root keeps clusters that cannot live in the data directory. */
const ELSEWHERE = '/var/lib/slipway';

/**
 * The cluster lives in the data directory. Only when we are root and PostgreSQL's account may not enter that directory
 * (it lies under /root, say) does it live elsewhere, and the file `place` beside the password says where.
 */
export function placePostgres(dataDir: string, progress: Progress): PostgresPlace {
  const home = join(dataDir, 'postgres');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const account = accountForRoot();
  const root = account === undefined ? home : (recordedPlace(home) ?? placeForRoot(dataDir, home, account, progress));
  return { home, cluster: join(root, 'data'), spare: root, account };
}

function placeForRoot(dataDir: string, home: string, account: Account, progress: Progress): string {
  letOthersPass(dataDir);
  letOthersPass(home);
  const closed = firstClosedTo(account, home);
  if (closed === undefined) return home;
  const place = join(elsewhere(closed), `${basename(dirname(dataDir))}-${randomBytes(4).toString('hex')}`);
  mkdirSync(place, { mode: 0o711 });
  writeFileSync(join(home, 'place'), `${place}\n`, { mode: 0o600 });
  progress(
    `PostgreSQL refuses to run as root and other accounts may not enter ${closed}: its data is kept in ${place}`,
  );
  return place;
}

/** With symbolic links resolved, because PostgreSQL's working directory is compared with it. */
function elsewhere(closed: string): string {
  try {
    mkdirSync(ELSEWHERE, { recursive: true, mode: 0o711 });
    return realpathSync(ELSEWHERE);
  } catch (error) {
    throw new EmbeddedError(
      'postgres',
      `PostgreSQL refuses to run as root, other accounts may not enter ${closed}, and ${ELSEWHERE} cannot be made (${reasonOf(error)}): set SLIPWAY_DATA_DIR to a directory that every account may enter, or start as an ordinary user.`,
      { cause: error },
    );
  }
}

/** A recorded place that is gone is an error and no reason to begin with an empty store. */
function recordedPlace(home: string): string | undefined {
  const file = join(home, 'place');
  if (!existsSync(file)) return undefined;
  const place = readFileSync(file, 'utf8').trim();
  if (existsSync(place)) return place;
  throw new EmbeddedError(
    'postgres',
    `The store of this data directory was kept in ${place}, which is gone: put it back, or delete ${file} to begin with an empty store.`,
  );
}
