import type { Activities } from '../contracts/activities.js';
import type { Gateway } from '../contracts/gateway.js';
import { passingOutages } from './outage.js';

type CustomerActivities = Pick<Activities, 'linkCustomer' | 'unlinkCustomer' | 'reviveCustomer' | 'denyCustomer'>;

export interface CustomerDeps {
  readonly gateway: Pick<Gateway, keyof CustomerActivities>;
}

/** What an onboarding tells its customer's workflow, which may have to be started for it. */
export function createCustomerActivities({ gateway }: CustomerDeps): CustomerActivities {
  return {
    linkCustomer: (link) => passingOutages(() => gateway.linkCustomer(link)),
    unlinkCustomer: (unlink) => passingOutages(() => gateway.unlinkCustomer(unlink)),
    reviveCustomer: (revival) => passingOutages(() => gateway.reviveCustomer(revival)),
    denyCustomer: (denial) => passingOutages(() => gateway.denyCustomer(denial)),
  };
}
