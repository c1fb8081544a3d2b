import { createChannels } from '../channels/create-channels.js';
import { SILENT } from '../contracts/observer.js';
import type { ChannelsSeen, PolicySeen, SourceSeen } from '../doctor/observations.js';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import { logAlone } from '../domain/policy/reach.js';
import { createOutbound } from '../outbound/post.js';
import { diffPolicies } from '../policy-file/diff.js';
import { loadPolicy } from '../policy-file/load.js';
import { MalformedSecret, parseSecrets } from '../signature/secret.js';
import { type ReadPolicyFile, readPolicyFile } from './policy-file-here.js';
import { SettingError, type Settings } from './settings.js';
import type { StoreLook } from './doctor-servers.js';

export type Variable = (name: string) => string | undefined;

/** The policy file, what it would change, and the policy that counts: the one in force where it is known. */
export function lookAtPolicy(
  { configFile }: Settings,
  inForce: StoreLook['inForce'],
  now: number,
): { readonly seen: PolicySeen; readonly file: PolicyFile | null } {
  const stored = inForce ? loadPolicy(inForce.source, now) : undefined;
  const counts = stored?.ok ? stored.file : null;
  const read = tryToRead(configFile, now);
  if (typeof read === 'string') {
    const [first = '', ...lines] = read.split('\n');
    const problems = lines.length > 0 ? lines.map((line) => line.trim()) : [first];
    return { seen: { path: configFile ?? 'slipway.yaml', hash: null, problems, changes: null }, file: counts };
  }
  const changes = read.isWished && inForce ? diffPolicies(inForce.source, read.source).map(({ text }) => text) : null;
  return { seen: { path: read.path, hash: read.hash, problems: [], changes }, file: counts ?? read.file };
}

function tryToRead(named: string | undefined, now: number): ReadPolicyFile | string {
  try {
    return readPolicyFile(named, now);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
}

export function lookAtSources({ sources }: PolicyFile, settings: Settings, variable: Variable): readonly SourceSeen[] {
  return sources.map(({ name, mode, secretEnv }, index) => {
    const text = variable(secretEnv)?.trim();
    return {
      name,
      mode,
      variable: secretEnv,
      secrets: secretsOf(text, index === 0 && !settings.databaseUrl),
    };
  });
}

/** `makesOwn`: a start that is given none makes one, and keeps it in the data directory. */
function secretsOf(text: string | undefined, makesOwn: boolean): SourceSeen['secrets'] {
  if (!text) return makesOwn ? { state: 'own', count: 1 } : { state: 'missing' };
  try {
    return { state: 'good', count: parseSecrets(text).length };
  } catch (error) {
    if (error instanceof MalformedSecret) return { state: 'malformed', problem: error.message };
    throw error;
  }
}

/** Makes the channels as a start would, sends nothing, and lets go of them. */
export async function lookAtChannels(file: PolicyFile, settings: Settings, variable: Variable): Promise<ChannelsSeen> {
  const outbound = createOutbound({ allowPrivate: settings.allowPrivateTargets });
  const made = createChannels(file.channels, variable, { outbound, observer: SILENT });
  await made.close();
  await outbound.close();
  return { count: made.channels.size, problems: made.problems, logAlone: logAlone(file) };
}
