import type { Kysely } from 'kysely';
import type { Arrival } from '../contracts/inbox.js';
import { brief, indexed } from './column-values.js';
import type { Tables } from './tables.js';

/** Pairs remembered in memory; beyond it a pair is written again, which changes nothing. */
const MAX_KNOWN = 1_000;
const MAX_ORG = 200;

/** Which orgs each source has spoken for: a source that starts to speak for another one deserves a look. */
export class SourceOrgs {
  readonly #known = new Set<string>();
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Costs nothing for a pair seen before; never throws, and a failed write is tried again by the next event. */
  note({ source, org, receivedAt }: Pick<Arrival, 'source' | 'org' | 'receivedAt'>): void {
    if (org === null) return;
    const pair = JSON.stringify([source, org]);
    if (this.#known.has(pair)) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(pair);
    this.#db
      .insertInto('source_orgs')
      .values({ source: indexed(source), org: brief(org, MAX_ORG), first_seen_real_ms: receivedAt })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
      .catch(() => this.#known.delete(pair));
  }

  /** By source and by when each org was first seen. */
  async all(): Promise<readonly { source: string; org: string; firstSeenAt: number }[]> {
    const rows = await this.#db
      .selectFrom('source_orgs')
      .selectAll()
      .orderBy('source')
      .orderBy('first_seen_real_ms')
      .execute();
    return rows.map(({ source, org, first_seen_real_ms }) => ({ source, org, firstSeenAt: first_seen_real_ms }));
  }
}
