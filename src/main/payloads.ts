import { encryptingConverter, type EncryptingConverter } from '../temporal/data-converter.js';
import { InvalidPayloadKeys, parsePayloadKeys } from '../temporal/payload-keys.js';
import { type Environment, SettingError } from './settings.js';

/**
 * What client, worker and bundle need where payloads are encrypted (`SLIPWAY_PAYLOAD_KEYS`); undefined where they are
 * not. Throws `SettingError` for keys that cannot be used.
 */
export function payloadsOf(env: Environment): EncryptingConverter | undefined {
  const keys = env.SLIPWAY_PAYLOAD_KEYS?.trim();
  if (!keys) return undefined;
  try {
    return encryptingConverter(parsePayloadKeys(keys));
  } catch (error) {
    throw error instanceof InvalidPayloadKeys ? new SettingError(error.message) : error;
  }
}
