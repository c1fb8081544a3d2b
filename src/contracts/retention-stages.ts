/** What a run of retention goes through, in this order. Apart from `care.ts`, which needs the SDK, for the API's schemas. */
export const RETENTION_STAGES = ['events', 'sends', 'rejections', 'audit', 'tokens', 'requests', 'messages'] as const;
export type RetentionStage = (typeof RETENTION_STAGES)[number];
