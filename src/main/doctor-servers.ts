import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { StoreUnavailable } from '../contracts/inbox.js';
import type { StoreSeen, TemporalSeen, Unseen } from '../doctor/observations.js';
import { reasonOf } from '../embedded/embedded-error.js';
import { readPidFile } from '../embedded/pid-file.js';
import { clusterUrl } from '../embedded/postgres-cluster.js';
import type { ProcessMark } from '../embedded/process-mark.js';
import { type ArchiveExamination, examineStore } from '../store/examine.js';
import { examineTemporal } from '../temporal/examine.js';
import { refusalOf } from '../temporal/refusal.js';
import type { Environment, Settings } from './settings.js';
import { givenTemporalServer, type TemporalServer } from './temporal-server.js';
import { linkTemporal } from './temporal-side.js';

/** The store as it was seen, and the policy in force with its text, which only `main` compares. */
export interface StoreLook {
  readonly seen: StoreSeen | Unseen;
  readonly inForce: ArchiveExamination['inForce'];
}

export async function lookAtStore(settings: Settings, now: number): Promise<StoreLook> {
  const url = settings.databaseUrl ?? embeddedUrl(settings.dataDir);
  if (url === undefined)
    return {
      seen: { unseen: 'The embedded PostgreSQL does not run, because Slipway does not.', expected: true },
      inForce: null,
    };
  const kind = settings.databaseUrl ? 'external' : 'embedded';
  try {
    const { archive, ...rest } = await examineStore(url, now);
    return { seen: { kind, ...rest, archive }, inForce: archive?.inForce ?? null };
  } catch (error) {
    const cause = error instanceof StoreUnavailable ? error.cause : error;
    const why = cause instanceof AggregateError ? cause.errors.map(reasonOf).join('; ') : reasonOf(cause);
    const whose = kind === 'external' ? 'The PostgreSQL of DATABASE_URL' : 'The embedded PostgreSQL';
    return { seen: { unseen: `${whose} does not answer (${why}).`, expected: false }, inForce: null };
  }
}

/** Undefined where it does not run, or belongs to another account. */
function embeddedUrl(dataDir: string): string | undefined {
  if (!existsSync(path.join(dataDir, 'postgres', 'data'))) return undefined;
  try {
    return clusterUrl(realpathSync(dataDir));
  } catch {
    return undefined;
  }
}

export async function lookAtTemporal(settings: Settings, env: Environment): Promise<TemporalSeen | Unseen> {
  const server = serverOf(settings);
  if (!server)
    return { unseen: 'The embedded Temporal server does not run, because Slipway does not.', expected: true };
  const link = linkTemporal(server, env);
  const { namespace } = link.settings;
  try {
    return { address: server.address, namespace, ...(await examineTemporal(link.connection, namespace)) };
  } catch (error) {
    return { unseen: `Temporal at ${server.address} does not answer (${refusalOf(error).reason}).`, expected: false };
  } finally {
    await link.close().catch(() => {});
  }
}

function serverOf({ temporalAddress, temporalUiUrl, dataDir }: Settings): TemporalServer | undefined {
  if (temporalAddress) return givenTemporalServer(temporalAddress, temporalUiUrl);
  const running = readPidFile<ProcessMark & { readonly port: number }>(path.join(dataDir, 'temporal.pid'));
  return running ? { ...givenTemporalServer(`127.0.0.1:${running.port}`, undefined), embedded: true } : undefined;
}
