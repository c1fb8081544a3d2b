import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller, TokenRecord, TokenStore } from '../contracts/access.js';
import { Allowance } from '../throttle/allowance.js';
import { networkOf } from '../throttle/network.js';
import { Problem } from './problem.js';

/** What was found out of a named token serves for this long, real ms: a revoke takes effect everywhere within it. */
const REMEMBERED_MS = 2_000;
/** A store that is away does not lock out who was let in within this time, real ms: its outage is when one looks. */
const TRUSTED_WITHOUT_STORE_MS = 5 * 60_000;
/** So many tokens and networks are remembered: more than any install has, and small beside what floods it. */
const MOST_REMEMBERED = 1_000;
/**
 * Wrong tokens from one network: a script with an old token that asks every two seconds is still told what is wrong
 * with it. The 256 random bits of a named token are not guessed at any rate, and this spares the store a look for each
 * guess; the bootstrap token may be a word that a person chose, and is kept by nothing else.
 */
const WRONG_TOKENS = { times: 30, seconds: 60 };
/** What every named token begins with: what does not is a guess at the bootstrap token. */
const NAMED = 'slp_';
/** Requests under one token, 100 a second on average: ten open consoles and a scraper need a tenth of it. */
const REQUESTS = { times: 6_000, seconds: 60 };

const BOOTSTRAP: Caller = { name: 'bootstrap', role: 'admin' };
const LOCAL: Caller = { name: 'local', role: 'admin' };

/**
 * Finds out who asks. Where `SLIPWAY_API_TOKEN` is unset the console listens on loopback alone, and whoever is on this
 * machine and shows no token is its admin, also when there are named tokens: they could read the data directory anyway.
 * A token that is shown must be right, whatever the caller might do without it.
 */
export class Doorkeeper {
  readonly #wrong = new Allowance(WRONG_TOKENS);
  readonly #requests = new Allowance(REQUESTS);
  readonly #remembered = new Map<
    string,
    { readonly until: number; readonly found: Promise<TokenRecord | undefined> }
  >();
  /** Tokens that were right when last looked at: a flood of wrong ones from their network does not lock them out. */
  readonly #right = new Map<string, { readonly at: number; readonly record: TokenRecord }>();
  /**
   * Networks that the bootstrap token let in: a neighbour's flood does not lock its owner out there. From any other one
   * it is refused once too many wrong ones came: else whoever guesses would be let in by the right guess, at any rate.
   */
  readonly #owners = new Map<string, Caller>();
  readonly #token: string | undefined;
  readonly #tokens: Pick<TokenStore, 'authenticate'>;
  readonly #now: () => number;

  /** `now` is real epoch ms. */
  constructor(token: string | undefined, tokens: Pick<TokenStore, 'authenticate'>, now: () => number) {
    this.#token = token;
    this.#tokens = tokens;
    this.#now = now;
  }

  /**
   * Undefined where nobody showed a right token. Throws `TooManyRequests`, and `StoreUnavailable` for a named token. What
   * does not `count` is let in however much there is of it.
   */
  async callerOf(
    authorization: string | undefined,
    address: string | undefined,
    { counts = true }: { readonly counts?: boolean } = {},
  ): Promise<Caller | undefined> {
    const shown = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (shown === undefined) return this.#token === undefined ? LOCAL : undefined;
    const caller = await this.#holderOf(shown, networkOf(address));
    if (!caller || !counts) return caller;
    const wait = await this.#requests.take(caller.name);
    if (wait > 0) throw tooMany(wait, `${caller.name} asked more than ${REQUESTS.times} times in a minute`);
    return caller;
  }

  async #holderOf(shown: string, network: string): Promise<Caller | undefined> {
    const digest = digestOf(shown);
    // Digests are compared, so that neither the time nor the length tells anything of the token.
    const isBootstrap = this.#token !== undefined && timingSafeEqual(digest, digestOf(this.#token));
    const key = digest.toString('hex');
    const wasLetIn = isBootstrap ? this.#owners.has(network) : this.#right.has(key);
    if (!wasLetIn) await this.#refuseGuesses(shown, network);
    if (isBootstrap) {
      keep(this.#owners, network, BOOTSTRAP);
      return BOOTSTRAP;
    }
    return shown.startsWith(NAMED) ? this.#namedHolder(key, shown, network) : undefined;
  }

  /**
   * A guess at the bootstrap token counts before anything is told of it: of those that come at once, or while the store
   * is away, no more than of others are answered. A named one counts once the store says that it is wrong.
   */
  async #refuseGuesses(shown: string, network: string): Promise<void> {
    const wait = await (shown.startsWith(NAMED) ? this.#wrong.wait(network) : this.#wrong.take(network));
    if (wait > 0) throw tooMany(wait, 'Too many wrong tokens came from your address');
  }

  async #namedHolder(key: string, shown: string, network: string): Promise<Caller | undefined> {
    const record = await this.#recall(key, shown).catch((error: unknown) => this.#without(key, error));
    if (record) return { name: `token:${record.name}`, role: record.role };
    this.#right.delete(key);
    await this.#wrong.take(network);
    return undefined;
  }

  /** Requests that come together share one look into the store; a look that failed is not remembered. */
  #recall(key: string, shown: string): Promise<TokenRecord | undefined> {
    const known = this.#remembered.get(key);
    if (known && this.#now() < known.until) return known.found;
    const found = this.#look(key, shown);
    keep(this.#remembered, key, { until: this.#now() + REMEMBERED_MS, found });
    found.catch(() => this.#remembered.delete(key));
    return found;
  }

  async #look(key: string, shown: string): Promise<TokenRecord | undefined> {
    const record = await this.#tokens.authenticate(shown);
    if (record) keep(this.#right, key, { at: this.#now(), record });
    return record;
  }

  #without(key: string, error: unknown): TokenRecord {
    const last = this.#right.get(key);
    const now = this.#now();
    if (!last || now - last.at > TRUSTED_WITHOUT_STORE_MS || now >= (last.record.expiresAt ?? Infinity)) throw error;
    return last.record;
  }
}

/** Puts it in as the newest; the oldest goes where there are too many. Maps keep that order. */
function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size <= MOST_REMEMBERED) return;
  const oldest = kept.keys().next();
  if (!oldest.done) kept.delete(oldest.value);
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const tooMany = (seconds: number, why: string): Problem =>
  new Problem('TooManyRequests', `${why}: ask again in ${seconds} s.`, { headers: { 'Retry-After': String(seconds) } });
