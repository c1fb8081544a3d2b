/** Entry of the workflow bundle: exports workflows and nothing else, since each export becomes a workflow type. */
export { customer } from './customer.js';
export { endpoint } from './endpoint.js';
export { erasure } from './erasure.js';
export { onboarding } from './onboarding.js';
export { publish } from './publish.js';
export { rebuild } from './rebuild.js';
export { retention } from './retention.js';
