import { lookAtCustomer } from './customer-flag.js';
import { none, type Rule } from './rule.js';

/** The customer churned or was archived: every open onboarding is held, and one notice goes out. */
export const customerChurned: Rule = {
  name: 'customer_churned',
  stops: 'none',
  returns: false,
  look: (s) =>
    s.policy.rules.customer_churned
      ? lookAtCustomer(s, ['churned', 'archived'], 'customer lost')
      : none('The rule is off.'),
};
