import { type ChannelSet, createChannels } from '../channels/create-channels.js';
import type { Observer } from '../contracts/observer.js';
import type { PolicyStore, StoredPolicy } from '../contracts/read-model.js';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import type { Outbound } from '../outbound/post.js';
import { loadPolicy } from '../policy-file/load.js';

export interface PolicyInForce {
  /** The policy store of the API: a publish through it changes the channels of this process at once. */
  readonly policies: PolicyStore;
  readonly channels: () => ChannelSet;
  readonly file: () => PolicyFile;
  readonly hash: () => string;
  /** Takes up what another process published; called every few seconds. Throws `StoreUnavailable`. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface PolicyDeps {
  readonly policies: PolicyStore;
  /** One variable of the environment, as it is now. */
  readonly variable: (name: string) => string | undefined;
  readonly outbound: Outbound;
  readonly observer: Observer;
  /** Real epoch ms. */
  readonly now: () => number;
}

/** Follows the policy that is in force in the store, and keeps its channels; undefined where none was ever published. */
export async function followPolicy(deps: PolicyDeps): Promise<PolicyInForce | undefined> {
  const stored = await deps.policies.current();
  return stored && new FollowedPolicy(deps, stored);
}

class FollowedPolicy implements PolicyInForce {
  readonly policies: PolicyStore;
  #file: PolicyFile;
  #hash: string;
  #channels: ChannelSet;

  constructor(
    private readonly deps: PolicyDeps,
    stored: StoredPolicy,
  ) {
    this.#file = this.#read(stored);
    this.#hash = stored.hash;
    this.#channels = this.#make();
    const { policies } = deps;
    this.policies = {
      current: () => policies.current(),
      byHash: (hash) => policies.byHash(hash),
      history: (limit) => policies.history(limit),
      publish: async (policy, entry) => {
        await policies.publish(policy, entry);
        await this.#take(policy);
      },
    };
  }

  channels(): ChannelSet {
    return this.#channels;
  }

  file(): PolicyFile {
    return this.#file;
  }

  hash(): string {
    return this.#hash;
  }

  async refresh(): Promise<void> {
    const [latest] = await this.deps.policies.history(1);
    if (!latest || latest.hash === this.#hash) return;
    const stored = await this.deps.policies.byHash(latest.hash);
    if (stored) await this.#take(stored);
  }

  close(): Promise<void> {
    return this.#channels.close();
  }

  async #take(stored: StoredPolicy): Promise<void> {
    this.#file = this.#read(stored);
    this.#hash = stored.hash;
    const former = this.#channels;
    this.#channels = this.#make();
    await former.close();
  }

  #make(): ChannelSet {
    return createChannels(this.#file.channels, this.deps.variable, this.deps);
  }

  /** A source that was valid when it was published; years that have passed since change its dates, not its sense. */
  #read(stored: StoredPolicy): PolicyFile {
    const loaded = loadPolicy(stored.source, this.deps.now());
    if (loaded.ok) return loaded.file;
    if (this.#file) return this.#file;
    throw new Error(`The policy ${stored.hash} in force cannot be read by this version: publish one that can.`);
  }
}
