/**
 * What `main` saw when it looked, as plain data: checks decide from it alone, so that each is tested without a server.
 * A part that could not be looked at is a sentence that says why. Instants and lengths are real.
 */
export interface Observations {
  /** Epoch ms. */
  readonly now: number;
  /** One sentence where the environment makes no sense: then most else was not looked at. */
  readonly settings: string | null;
  readonly console: ConsoleSeen;
  readonly dataDirectory: DataDirectorySeen | null;
  readonly sources: readonly SourceSeen[];
  readonly ports: readonly PortSeen[];
  readonly store: StoreSeen | Unseen;
  readonly temporal: TemporalSeen | Unseen;
  readonly policy: PolicySeen | null;
  readonly channels: ChannelsSeen | null;
}

export interface ChannelsSeen {
  readonly count: number;
  /** One sentence for each channel that cannot be used. */
  readonly problems: readonly string[];
  /** Whom nothing but lines of the log tells: everybody, or some by id. */
  readonly logAlone: 'everybody' | readonly string[];
}

export interface Unseen {
  /** Why it could not be looked at. `expected`: it is ours, and is not running because Slipway is not. */
  readonly unseen: string;
  readonly expected: boolean;
}

export interface ConsoleSeen {
  readonly url: string;
  /** `down`: nobody listens. `foreign`: something else does. `locked`: it wants a token that was not given. */
  readonly state: 'up' | 'down' | 'foreign' | 'locked';
  readonly version: string | null;
  /** What it warns of itself. */
  readonly warnings: readonly string[];
}

export interface DataDirectorySeen {
  readonly path: string;
  readonly exists: boolean;
  readonly writable: boolean;
  /** Permission bits, e.g. 0o700; null where there is none or the system has no such thing. */
  readonly mode: number | null;
  /** Files with secrets that others on this machine may read. */
  readonly readableByOthers: readonly string[];
  /** Bytes that are free on its disk; null where that cannot be told. */
  readonly freeBytes: number | null;
}

export interface SourceSeen {
  readonly name: string;
  readonly mode: 'live' | 'test';
  readonly variable: string;
  /** `own`: none is set, and the one that a start makes and keeps in the data directory is used. */
  readonly secrets:
    | { readonly state: 'good' | 'own'; readonly count: number }
    | { readonly state: 'missing' }
    | Malformed;
}
interface Malformed {
  readonly state: 'malformed';
  readonly problem: string;
}

export interface PortSeen {
  readonly variable: string;
  readonly port: number;
  /** `ours`: a Slipway answers there. */
  readonly state: 'ours' | 'free' | 'taken' | 'refused';
  readonly detail: string | null;
}

export interface StoreSeen {
  readonly kind: 'embedded' | 'external';
  /** PostgreSQL's `server_version_num`, e.g. 180004. */
  readonly version: number;
  readonly writable: boolean;
  readonly migrations: { readonly missing: readonly string[]; readonly unknown: readonly string[] };
  /** The rest is null where the tables are not there yet. */
  readonly archive: ArchiveSeen | null;
}

export interface ArchiveSeen {
  /** The latest deliveries, by what they say of when they were signed; epoch ms. */
  readonly deliveries: readonly { readonly source: string; readonly signedAt: number; readonly receivedAt: number }[];
  /** What was turned away in the last 24 hours, by reason. */
  readonly rejections: Readonly<Record<string, number>>;
  readonly pending: number;
  readonly oldestPendingAt: number | null;
  readonly lastReceivedAt: number | null;
  readonly orgs: readonly { readonly source: string; readonly orgs: readonly string[] }[];
  readonly inForce: { readonly hash: string; readonly publishedAt: number } | null;
  /** Identity of the Temporal namespace on which its workflows live. */
  readonly namespaceId: string | null;
}

export interface TemporalSeen {
  readonly address: string;
  readonly namespace: string;
  /** Null where there is no such namespace. */
  readonly namespaceId: string | null;
  readonly retentionDays: number;
  readonly attributes: { readonly missing: readonly string[]; readonly mistyped: readonly string[] };
  /** Workflow ids that make no progress, at most a few of them; null where the server cannot tell. */
  readonly stuck: { readonly count: number; readonly examples: readonly string[] } | null;
  /** Workers that ask for work. */
  readonly workers: number;
}

export interface PolicySeen {
  readonly path: string;
  /** Version of the file; null where it is not valid. */
  readonly hash: string | null;
  /** `line 3: …`, all of them. */
  readonly problems: readonly string[];
  /** What it would change of the policy in force, in words; null where that could not be compared. */
  readonly changes: readonly string[] | null;
}

export const isSeen = <T extends object>(part: T | Unseen): part is T => !('unseen' in part);
