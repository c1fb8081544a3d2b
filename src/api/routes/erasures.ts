import { EraseBody, ErasureListSchema, ErasureSchema, ErasuresQuery, type ErasureView } from '../../contracts/api.js';
import type { Erasure, ErasureSubject } from '../../contracts/care.js';
import { GatewayError } from '../../contracts/gateway.js';
import type { ApiDeps } from '../deps.js';
import { iso, isoOrNull } from '../instant.js';
import { Problem } from '../problem.js';
import { changeRoute, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/erasures';

/** People and customers who are to be forgotten. */
export function erasureRoutes(deps: Pick<ApiDeps, 'care' | 'erasures' | 'observer'>): readonly Route[] {
  return [
    changeRoute({
      method: 'post',
      path: PATH,
      role: 'admin',
      action: 'erasure.ask',
      summary:
        'Erases a customer, or a contact by id or address, from archive, lists and logs, and in time from Temporal',
      body: EraseBody,
      answer: ErasureSchema,
      refuses: ['InvalidRequest', 'StoreUnavailable'],
      handle: async ({ body: { by, reason, ...whom } }) => {
        refuseNames(reason, whom.email);
        const erasure = await deps.erasures.ask({ subject: subjectOf(whom), by, reason });
        await begin(deps, erasure.id);
        return {
          answer: present(erasure),
          change: {
            subject: erasure.id,
            by,
            before: null,
            after: { kind: erasure.kind, customer_id: erasure.customerId, contact_id: erasure.contactId },
            reason,
          },
        };
      },
    }),
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'admin',
      summary: 'Lists the erasures that were asked for, newest first',
      query: ErasuresQuery,
      answer: ErasureListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: async ({ query }) => {
        const { data, next_cursor } = await deps.erasures.list(query);
        return { data: data.map(present), next_cursor };
      },
    }),
    jsonRoute({
      method: 'get',
      path: `${PATH}/{id}`,
      role: 'admin',
      summary: 'Shows how far an erasure is: what was found and cleaned, and what remains until when',
      answer: ErasureSchema,
      refuses: ['UnknownErasure', 'StoreUnavailable'],
      handle: async ({ id }) => {
        const erasure = await deps.erasures.find(id);
        if (erasure) return present(erasure);
        throw new Problem('UnknownErasure', `There is no erasure ${JSON.stringify(id)}; \`GET ${PATH}\` lists them.`);
      },
    }),
  ];
}

/** Asked for is asked for: where Temporal is away, the next run of retention begins it. */
async function begin({ care, observer }: Pick<ApiDeps, 'care' | 'observer'>, id: string): Promise<void> {
  try {
    await care.resumeErasure(id);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    observer.log('warn', 'an erasure begins with the next run of retention: Temporal did not answer', { erasure: id });
  }
}

/** The reason stays in the audit log, so it is the one place where the person could be named again. */
function refuseNames(reason: string, email: string | undefined): void {
  if (email === undefined || !reason.toLowerCase().includes(email.toLowerCase())) return;
  throw new Problem('InvalidRequest', '`reason` is not right: it is kept, so leave the address itself out of it.', {
    field: 'reason',
  });
}

function subjectOf(whom: { customer_id?: string; contact_id?: string; email?: string }): ErasureSubject {
  if (whom.customer_id !== undefined) return { kind: 'customer', customerId: whom.customer_id };
  if (whom.contact_id !== undefined) return { kind: 'contact', contactId: whom.contact_id };
  return { kind: 'contact', email: whom.email ?? '' };
}

const present = (erasure: Erasure): ErasureView => ({
  id: erasure.id,
  kind: erasure.kind,
  customer_id: erasure.customerId,
  contact_id: erasure.contactId,
  state: erasure.state,
  by: erasure.by,
  reason: erasure.reason,
  asked_at: iso(erasure.askedAt),
  done_at: isoOrNull(erasure.doneAt),
  erased: erasure.erased,
  workflows: erasure.workflows.map(({ workflowId, state }) => ({ workflow_id: workflowId, state })),
  remains: remains(erasure),
});

function remains({ state, workflows }: Erasure): string[] {
  if (state === 'done') return [];
  if (state === 'erasing') return ['The archive, the lists and the logs are being cleaned.'];
  const open = workflows.filter((one) => one.state === 'open').map(({ workflowId }) => workflowId);
  const deleting = workflows.filter((one) => one.state === 'deleting').length;
  return [
    ...(open.length > 0
      ? [
          `The memory of ${open.join(', ')} in Temporal, until the onboardings have closed; what these project meanwhile is cleaned by each run of retention.`,
        ]
      : []),
    ...(deleting > 0 ? [`${deleting} histories that Temporal was told to delete and still lists.`] : []),
  ];
}
