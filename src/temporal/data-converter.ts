import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptingCodec } from './payload-codec.js';
import type { PayloadKey } from './payload-keys.js';

/**
 * What client, worker and replay are given alike, so that what one of them wrote the others read. The workflow bundle
 * must be built with `failureConverterPath` too.
 */
export interface EncryptingConverter extends DataConverter {
  readonly failureConverterPath: string;
  readonly payloadCodecs: [EncryptingCodec];
}

export function encryptingConverter(keys: readonly [PayloadKey, ...PayloadKey[]]): EncryptingConverter {
  return { failureConverterPath: failureConverterPath(), payloadCodecs: [new EncryptingCodec(keys)] };
}

/** Built beside a built file, TypeScript beside a TypeScript one. */
export function failureConverterPath(): string {
  const built = fileURLToPath(new URL('./failure-converter.js', import.meta.url));
  return existsSync(built) ? built : built.replace(/\.js$/, '.ts');
}
