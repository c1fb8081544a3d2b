import type { Meta } from '../store/meta.js';
import {
  connectTemporal,
  type TemporalClient,
  type TemporalSettings,
  temporalSettings,
} from '../temporal/connection.js';
import type { EncryptingConverter } from '../temporal/data-converter.js';
import { ensureNamespace } from '../temporal/namespace.js';
import { refusalOf } from '../temporal/refusal.js';
import { registerSearchAttributes } from '../temporal/search-attributes.js';
import { payloadsOf } from './payloads.js';
import type { Environment } from './settings.js';
import { SettingError } from './settings.js';
import { NAMESPACE, type TemporalServer } from './temporal-server.js';

/** The way to a Temporal server; nothing of it is used before the first call, so that the server may be away. */
export interface TemporalLink extends TemporalClient {
  readonly settings: TemporalSettings;
  readonly address: string;
  readonly uiUrl: string | null;
  readonly embedded: boolean;
  /** Where payloads are encrypted. */
  readonly payloads: EncryptingConverter | undefined;
}

/** What was learned of a server that can be used. */
export interface TemporalFindings {
  /** Identity of the namespace: another one means another server than the store's workflows live on. */
  readonly namespaceId: string;
  readonly warning: string | undefined;
}

/** Closed workflows are remembered for at least the sender's replay horizon (design section 6). */
const RETENTION_DAYS = 90;
const REACHABLE_WITHIN_MS = 20_000;

/** Throws `SettingError` where the `TEMPORAL_*` variables or the payload keys make no sense. */
export function linkTemporal(server: TemporalServer, env: Environment): TemporalLink {
  const payloads = payloadsOf(env);
  try {
    const settings = temporalSettings(server.embedded ? {} : temporalVariables(env), {
      address: server.address,
      namespace: env.TEMPORAL_NAMESPACE?.trim() || NAMESPACE,
    });
    const client = connectTemporal(settings, { pastProxy: server.embedded, dataConverter: payloads });
    const { address, uiUrl, embedded } = server;
    return { ...client, settings, address, uiUrl, embedded, payloads };
  } catch (error) {
    throw unusable(server.address, error);
  }
}

/** Makes sure of namespace and search attributes, and learns whose server it is. Throws `SettingError`. */
export async function prepareTemporal(link: TemporalLink): Promise<TemporalFindings> {
  const { connection, settings } = link;
  const { namespace } = settings;
  try {
    return await connection.withDeadline(Date.now() + REACHABLE_WITHIN_MS, async () => {
      const { short } = await ensureNamespace(connection, namespace, RETENTION_DAYS);
      await registerSearchAttributes(connection, namespace);
      const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
      return { namespaceId: namespaceInfo?.id ?? '', warning: short };
    });
  } catch (error) {
    throw unusable(link.address, error);
  }
}

/** One sentence with what to do, of whatever the client or the worker's connection threw. */
export function unusable(address: string, error: unknown): SettingError {
  const { reason, remedy } = refusalOf(error);
  return new SettingError(`The Temporal server at ${address} cannot be used (${reason}): ${remedy}, then start again.`);
}

const temporalVariables = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('TEMPORAL_')));

/**
 * A store goes with the server on which its workflows live. Another one knows none of them: unless `rebuild` is asked
 * for, nothing is started there. With `new` the caller puts the archive back into the inbox, and then settles in.
 */
export async function checkBelonging(
  meta: Meta,
  address: string,
  namespaceId: string,
  rebuild: boolean,
): Promise<'same' | 'new'> {
  const known = await meta.keep('temporal_namespace', namespaceId);
  if (known === namespaceId) return 'same';
  if (!rebuild) {
    throw new SettingError(
      `This store belongs to another Temporal server than the one at ${address}, which knows none of its onboardings: start with the former one, or run \`slipway start --rebuild\` to make the workflows anew from archive and decision log (what people did since the last write of the log is not in it).`,
    );
  }
  return 'new';
}

/** From now on the store belongs to this server. After the archive is in the inbox: a kill in between rebuilds again. */
export function settleIn(meta: Meta, namespaceId: string): Promise<void> {
  return meta.set('temporal_namespace', namespaceId);
}
