import type { EndpointReport, MessageStore, Webhooks } from '../../contracts/webhooks.js';
import { StoredApplications } from './applications.js';
import { StoredAttempts } from './attempts.js';
import type { WebhookDeps } from './deps.js';
import { StoredEndpoints } from './endpoints.js';
import { StoredEventTypes } from './event-types.js';
import { MessageReads } from './message-reads.js';
import { StoredRecovery } from './recovery.js';
import type { EndpointSecrets } from './secrets.js';

/** Everything of outgoing webhooks that callers of the API ask for; `intake` is what takes messages in. */
export function openWebhooks(
  deps: WebhookDeps,
  { secrets, intake }: { readonly secrets: EndpointSecrets; readonly intake: Pick<MessageStore, 'create'> },
): Webhooks & { readonly endpoints: EndpointReport } {
  const { db, now } = deps;
  const messages = new MessageReads(db);
  return {
    applications: new StoredApplications(db, now),
    eventTypes: new StoredEventTypes(db, now),
    endpoints: new StoredEndpoints(deps, secrets),
    messages: {
      create: (application, message) => intake.create(application, message),
      find: (application, ref) => messages.find(application, ref),
      list: (application, query) => messages.list(application, query),
    },
    attempts: new StoredAttempts(db),
    recovery: new StoredRecovery(deps),
  };
}
