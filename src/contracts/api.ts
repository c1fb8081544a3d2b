/** The console API's schemas, one file a resource; see `api-schema.ts` for what holds of all of them. */
export * from './api-access.js';
export * from './api-care.js';
export * from './api-escalations.js';
export * from './api-events.js';
export * from './api-onboardings.js';
export * from './api-policy.js';
export * from './api-rebuild.js';
export { apiSchemas, ChoiceQuery, type Frozen } from './api-schema.js';
export * from './api-status.js';
