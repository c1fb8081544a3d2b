import { isDeepStrictEqual } from 'node:util';
import { type Secret, parseSecrets } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { until } from './slipway-process.js';

/** A secret of the tests', for starts that are given one. */
export const SECRET = `whsec_${Buffer.from('a secret for the start tests').toString('base64')}`;

interface Message {
  readonly id: string;
  readonly onboarding: string;
  readonly body: string;
}

/** Speaks Pivotal's webhooks, and knows what was acknowledged and what has to be sent again. */
export class Sender {
  readonly #secret: Secret;
  readonly #acknowledged = new Map<string, number>();
  #unanswered: Message[] = [];
  /** Every message that was acknowledged, in order. */
  readonly #sent: Message[] = [];
  #made = 0;

  constructor(
    private readonly edgeUrl: string,
    secret: string = SECRET,
  ) {
    const [parsed] = parseSecrets(secret);
    if (!parsed) throw new Error('no secret');
    this.#secret = parsed;
  }

  /** Makes an event of an onboarding and posts it; answers the status. */
  send(onboarding: string, type = 'onboarding.created', more: object = {}): Promise<number> {
    const id = `evt_${onboarding}_${this.#made++}`;
    const body = JSON.stringify({
      id,
      type,
      created_at: new Date().toISOString(),
      org_id: 'org_1',
      livemode: true,
      data: { object: { id: onboarding, name: `Rollout ${onboarding}`, phase: 'kickoff', state: 'active', ...more } },
    });
    return this.#post({ id, onboarding, body });
  }

  /** Posts as fast as it is answered to each of these onboardings, until nobody listens any more. */
  async pour(onboardings: readonly string[]): Promise<void> {
    const lane = async (name: string) => {
      while ((await this.send(name).catch(() => 0)) === 200);
    };
    await Promise.all(onboardings.map(lane));
  }

  /** Acknowledged so far, by onboarding. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#acknowledged);
  }

  get acknowledged(): number {
    return [...this.#acknowledged.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Posts again what got no answer, as Pivotal does. */
  async repeat(): Promise<void> {
    for (const message of this.#unanswered.splice(0)) await this.#post(message);
  }

  /** Posts everything once more, what was acknowledged too: it counts as sent once. */
  async sendAllAgain(): Promise<void> {
    const all = this.#sent.splice(0);
    this.#acknowledged.clear();
    for (const message of all) await this.#post(message);
  }

  /** Waits until every acknowledged event is applied, each once, and nothing else is. */
  async allApplied(consoleUrl: string, token?: string): Promise<void> {
    const wanted = Object.fromEntries(this.#acknowledged);
    let found: Record<string, number> = {};
    const same = async () => {
      const counts = Object.keys(wanted).map(async (name) => [name, await applied(consoleUrl, name, token)] as const);
      found = Object.fromEntries(await Promise.all(counts));
      return isDeepStrictEqual(found, wanted);
    };
    await until(same, 'every acknowledged event is applied').catch((error: unknown) => {
      throw new Error(`${String(error)}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
    });
  }

  async #post(message: Message): Promise<number> {
    const { id, onboarding, body } = message;
    const headers = sign(this.#secret, `msg_${id}`, Math.floor(Date.now() / 1000), body);
    try {
      const url = `${this.edgeUrl}/webhooks/pivotal`;
      const { status } = await fetch(url, { method: 'POST', headers: { ...headers }, body });
      if (status === 200) this.#sent.push(message);
      if (status === 200) this.#acknowledged.set(onboarding, (this.#acknowledged.get(onboarding) ?? 0) + 1);
      else this.#unanswered.push(message);
      return status;
    } catch (error) {
      this.#unanswered.push(message);
      throw error;
    }
  }
}

async function applied(consoleUrl: string, onboarding: string, token?: string): Promise<number> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`${consoleUrl}/api/v1/onboardings/${onboarding}`, { headers });
  if (!answer.ok) return 0;
  return ((await answer.json()) as { events: { applied: number } }).events.applied;
}
