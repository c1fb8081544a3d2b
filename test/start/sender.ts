import { type Secret, parseSecrets } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { until } from './slipway-process.js';

/** A secret of the tests', for starts that are given one. */
export const SECRET = `whsec_${Buffer.from('a secret for the start tests').toString('base64')}`;

/** Speaks Pivotal's webhooks, and remembers what was acknowledged. */
export class Sender {
  readonly #secret: Secret;
  /** Event ids by onboarding, each answered with 200. */
  readonly acknowledged = new Map<string, string[]>();
  #sent = 0;

  constructor(
    private readonly edgeUrl: string,
    secret: string = SECRET,
  ) {
    const [parsed] = parseSecrets(secret);
    if (!parsed) throw new Error('no secret');
    this.#secret = parsed;
  }

  /** Posts one signed event of an onboarding; answers the status. */
  async send(onboarding: string): Promise<number> {
    const id = `evt_${onboarding}_${this.#sent++}`;
    const body = JSON.stringify({
      id,
      type: 'onboarding.created',
      created_at: new Date().toISOString(),
      org_id: 'org_1',
      livemode: true,
      data: { object: { id: onboarding, name: `Rollout ${onboarding}`, phase: 'kickoff', state: 'active' } },
    });
    const headers = sign(this.#secret, `msg_${id}`, Math.floor(Date.now() / 1000), body);
    const answer = await fetch(`${this.edgeUrl}/webhooks/pivotal`, { method: 'POST', headers: { ...headers }, body });
    if (answer.ok) this.acknowledged.set(onboarding, [...(this.acknowledged.get(onboarding) ?? []), id]);
    return answer.status;
  }

  /** Posts to several onboardings until told to stop or nobody answers; resolves with the number acknowledged. */
  pour(onboardings: readonly string[]): { stop: () => Promise<number> } {
    const told = new AbortController();
    const lane = async (name: string) => {
      let taken = 0;
      while (!told.signal.aborted) {
        try {
          if ((await this.send(name)) === 200) taken++;
        } catch {
          return taken;
        }
      }
      return taken;
    };
    const lanes = Promise.all(onboardings.map(lane));
    return {
      stop: async () => {
        told.abort();
        return (await lanes).reduce((sum, taken) => sum + taken, 0);
      },
    };
  }

  /** Waits until every acknowledged event is applied: each once, and none more. */
  async allApplied(consoleUrl: string): Promise<void> {
    let found: Record<string, number | undefined> = {};
    const wanted = Object.fromEntries([...this.acknowledged].map(([name, ids]) => [name, ids.length]));
    const same = async () => {
      found = Object.fromEntries(
        await Promise.all(Object.keys(wanted).map(async (name) => [name, await applied(consoleUrl, name)] as const)),
      );
      return Object.entries(wanted).every(([name, count]) => found[name] === count);
    };
    await until(same, 'every acknowledged event is applied').catch((error: unknown) => {
      throw new Error(`${String(error)}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
    });
  }
}

async function applied(consoleUrl: string, onboarding: string): Promise<number | undefined> {
  const answer = await fetch(`${consoleUrl}/api/v1/onboardings/${onboarding}`);
  if (!answer.ok) return undefined;
  return ((await answer.json()) as { events: { applied: number } }).events.applied;
}
