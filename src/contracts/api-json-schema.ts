import { z } from 'zod';

const type = z.enum(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
const count = z.int().min(0);
const schema: z.ZodType = z.lazy(() => JsonSchema);
const schemas = z.record(z.string(), schema);

const keywords = {
  type: z.union([type, z.array(type)]),
  enum: z.array(z.unknown()),
  required: z.array(z.string()),
  dependentRequired: z.record(z.string(), z.array(z.string())),
  ...Object.fromEntries(['properties', 'patternProperties', 'dependentSchemas', '$defs'].map((key) => [key, schemas])),
  ...Object.fromEntries(['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((key) => [key, z.array(schema).min(1)])),
  ...Object.fromEntries(
    ['items', 'contains', 'additionalProperties', 'propertyNames', 'if', 'then', 'else', 'not'].map((key) => [
      key,
      schema,
    ]),
  ),
  ...Object.fromEntries(
    ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map((key) => [key, count]),
  ),
  ...Object.fromEntries(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((key) => [key, z.number()])),
  multipleOf: z.number().positive(),
  ...Object.fromEntries(['readOnly', 'writeOnly', 'deprecated', 'uniqueItems'].map((key) => [key, z.boolean()])),
  ...Object.fromEntries(
    ['$schema', '$id', '$ref', '$comment', 'title', 'description', 'format', 'pattern'].map((key) => [key, z.string()]),
  ),
  examples: z.array(z.unknown()),
};

/** What each keyword of JSON Schema must be (draft 2020-12, its meta-schemas); a keyword that is none of it is let pass. */
const JsonSchema: z.ZodType = z.union([z.boolean(), z.looseObject(keywords).partial()]);

/** Whether it can be one. One that names another draft is not looked into. */
export function canBeSchema(value: unknown): boolean {
  const draft = typeof value === 'object' && value !== null && '$schema' in value ? value.$schema : undefined;
  if (draft !== undefined && draft !== 'https://json-schema.org/draft/2020-12/schema') return true;
  return JsonSchema.safeParse(value).success;
}
