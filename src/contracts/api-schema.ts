import { z } from 'zod';

/**
 * Every request and response of the console API, once: requests are validated with these schemas, the OpenAPI document
 * is generated from them, and the command line reads answers through them. snake_case, ISO 8601 UTC. Instants are on
 * the virtual clock but for `received_at`, `rejected_at` and `published_at`, which are on the wall's.
 *
 * Request bodies are strict: a misspelled field is refused by name, never ignored.
 */

/** Schemas with a name of their own in the OpenAPI document. */
export const apiSchemas = z.registry<{ id: string }>();

export const named = <S extends z.ZodType>(id: string, schema: S): S => {
  apiSchemas.add(schema, { id });
  return schema;
};

export const instant = z.iso.datetime();
export const civilDate = z.iso.date();
export const count = z.int().min(0);
export const mode = z.enum(['live', 'test']);

/** `{data, next_cursor}`: pass `next_cursor` back as `cursor` for the next page; null at the end. */
export const listOf = <S extends z.ZodType>(id: string, item: S) =>
  named(id, z.object({ data: z.array(item), next_cursor: z.string().nullable() }));

export const rows = (most: number, unset: number) =>
  z.coerce.number().int().min(1).max(most).default(unset).describe('Rows a page.');
export const page = {
  limit: rows(200, 50),
  cursor: z.string().min(1).max(1000).exactOptional().describe('`next_cursor` of the page before.'),
};
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Where several workspaces or modes hold one id, the live one of the first workspace answers; these choose. */
export const choice = {
  workspace: z.string().min(1).max(200).exactOptional().describe('Which workspace, where several hold this id.'),
  mode: mode.exactOptional().describe('Which mode, where both hold this id; live first.'),
};
export const ChoiceQuery = z.strictObject(choice);

/** Deep `readonly`: what a handler may answer with is a view that nobody may change. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

export const by = z.string().trim().min(1).max(320).describe('Who acts: person id, e-mail or Pivotal user id.');
export const note = z.string().trim().min(1).max(1000);
export const span = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .describe('`3 working days`, `4 working hours`, `2 days`, `90 minutes`.');
