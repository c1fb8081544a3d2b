/** What a caller of the console may do; each role may do what the ones before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role may do what another one is wanted for. */
export const mayAs = (has: Role, wanted: Role): boolean => ROLES.indexOf(has) >= ROLES.indexOf(wanted);

/** Who asks: a named token, the bootstrap token of `SLIPWAY_API_TOKEN`, or this machine where no token is wanted. */
export interface Caller {
  /** `token:<name>`, `bootstrap` or `local`. */
  readonly name: string;
  readonly role: Role;
}

/** A named API token, without the token itself: of that, only a SHA-256 digest is kept. */
export interface TokenRecord {
  readonly id: string;
  /** Unique among those that are not revoked. */
  readonly name: string;
  readonly role: Role;
  /** Real epoch ms. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** To the minute, so that looking does not write at every request. */
  readonly lastUsedAt: number | null;
}

export interface TokenStore {
  /** The token is in this answer alone. Throws `TokenNameTaken`. */
  create(wanted: {
    readonly name: string;
    readonly role: Role;
    readonly expiresAt: number | null;
    readonly createdBy: string;
  }): Promise<{ readonly token: string; readonly record: TokenRecord }>;
  list(): Promise<readonly TokenRecord[]>;
  /** By id or name; undefined where there is none. Idempotent. */
  revoke(ref: string): Promise<TokenRecord | undefined>;
  /** The record of a token that is neither revoked nor expired. */
  authenticate(token: string): Promise<TokenRecord | undefined>;
}

export class TokenNameTaken extends Error {
  override readonly name = 'TokenNameTaken';
}
