import { ONBOARDING, PIVOTAL_EXAMPLES } from '../contracts/pivotal-examples.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonRecord = Readonly<Record<string, Json>>;

/** What the `data` of an event of each type may be: those that Pivotal's overview names, and two that its other pages do. */
export const EXAMPLES: Readonly<Record<string, JsonRecord>> = {
  ...PIVOTAL_EXAMPLES,
  'onboarding.updated': {
    object: { ...ONBOARDING, target_launch_date: '2027-07-14' },
    previous_attributes: { target_launch_date: '2027-06-30' },
  },
  'webhook.ping': { object: {} },
};
