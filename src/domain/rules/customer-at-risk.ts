import { lookAtCustomer } from './customer-flag.js';
import { none, type Rule } from './rule.js';

/** The customer is at risk, or its health dropped. */
export const customerAtRisk: Rule = {
  name: 'customer_at_risk',
  stops: 'none',
  returns: false,
  look: (s) =>
    s.policy.rules.customer_at_risk
      ? lookAtCustomer(s, ['at_risk', 'health_dropped'], 'customer at risk')
      : none('The rule is off.'),
};
