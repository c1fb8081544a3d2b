import { fail, ok, type Said, warn } from '../finding.js';
import type { Observations, SourceSeen } from '../observations.js';
import { isSeen } from '../observations.js';

/** As many signatures that match nothing, within a day, are no passing scanner. */
const MANY_A_DAY = 20;

/** Every source has a secret that is written rightly, and deliveries match it. */
export function secrets({ sources, store }: Observations): readonly Said[] {
  const archive = isSeen(store) ? store.archive : null;
  const unmatched = archive?.rejections['no_matching_signature'] ?? 0;
  return [...sources.map(ofSource), ...(unmatched >= MANY_A_DAY ? [mismatches(unmatched)] : [])];
}

function ofSource({ name, variable, secrets: held }: SourceSeen): Said {
  switch (held.state) {
    case 'good':
      return ok(`Source ${name}: ${held.count === 1 ? 'a secret' : `${held.count} secrets`} in ${variable}.`);
    case 'own':
      return warn(
        `Source ${name}: ${variable} is not set, so the secret that Slipway makes for itself counts.`,
        "Pivotal signs with its endpoint's own secret: its events would be turned away.",
        `Set ${variable} to the whsec_… of the endpoint in Pivotal.`,
      );
    case 'missing':
      return fail(
        `Source ${name} takes no events: ${variable} is not set.`,
        'Everything posted to it is answered 404, and the sender disables an endpoint that fails a hundred times.',
        `Set ${variable} to the whsec_… of its endpoint, or take the source out of slipway.yaml.`,
      );
    case 'malformed':
      return fail(
        `Source ${name}: ${variable} cannot be used. ${held.problem}`,
        'Slipway does not start with it.',
        "Copy the secret whole from the endpoint's page, whsec_ included.",
      );
  }
}

const mismatches = (count: number): Said =>
  warn(
    `${count} deliveries of the last 24 hours matched no secret.`,
    'Either somebody forges, or the secret was rotated, or something on the way rewrites bodies: then events are being lost.',
    'Capture one and run `slipway explain-signature`; `slipway rejections --reason no_matching_signature` lists them.',
  );
