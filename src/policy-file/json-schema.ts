import { z } from 'zod';
import { policySchema } from './schema.js';

/** JSON Schema (draft 2020-12) of `slipway.yaml`, for editors: completion, descriptions, and most mistakes as typed. */
export function policyJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(policySchema, { io: 'input', reused: 'inline' }), title: 'Slipway policy (slipway.yaml)' };
}
