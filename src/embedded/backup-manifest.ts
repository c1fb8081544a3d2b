/** What a backup says of itself: the last entry of the archive, because it names the checksum of every other one. */
export interface BackupManifest {
  readonly format: 1;
  /** The version of Slipway that took it. */
  readonly slipway: string;
  /** A cluster's files fit the kind of machine and the major version of PostgreSQL that wrote them, and no other. */
  readonly platform: string;
  readonly postgres: string;
  /** Names of the migrations that the store has had; empty where it was copied at rest. */
  readonly migrations: readonly string[];
  /** Real epoch ms. */
  readonly startedAt: number;
  /** The one instant of which the Temporal server's file is, real epoch ms; null where the file was not there. */
  readonly frozenAt: number | null;
  /** How long that server was held for it. */
  readonly frozenMs: number;
  readonly files: readonly BackedUpFile[];
}

export interface BackedUpFile {
  /** In the data directory, with `/` between. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export const MANIFEST = 'slipway-backup.json';

/** This machine, as far as a cluster's files depend on it. */
export const PLATFORM = `${process.platform}-${process.arch}`;
