import type { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import { grpcStatus, PERMISSION_DENIED, UNIMPLEMENTED } from './failure.js';

/** Real. A cluster may take seconds until a new attribute can be used. */
const LISTED_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 100;

const WANTED = new Map(
  Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type)]),
);

/**
 * Registers what is missing and returns its names; safe to repeat. A workflow that starts with an attribute the server
 * does not know is refused, so nothing is signalled before this has returned. Throws with a sentence where an attribute
 * of the same name has another type, or where the server does not let us register (Temporal Cloud). A server that does
 * not even let us look is taken to know them: whoever runs it has to have registered them, and its own refusal of a
 * start would say which one it does not.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<readonly string[]> {
  const missing = await missingAttributes(connection, namespace).catch((error: unknown) => {
    if (isNotForUs(error)) return [];
    throw error;
  });
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, WANTED.get(name) as number]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (isNotForUs(error)) throw new Error(byHand(namespace, missing), { cause: error });
    // Another server of the same install may have been faster: what counts is that they are listed.
    if ((await missingAttributes(connection, namespace)).length > 0) throw error;
  }
  await listed(connection, namespace);
  return missing;
}

/** Temporal Cloud keeps the operator's service to itself. */
export function isNotForUs(error: unknown): boolean {
  const status = grpcStatus(error);
  return status === PERMISSION_DENIED || status === UNIMPLEMENTED;
}

async function missingAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: string[] = [];
  for (const [name, type] of WANTED) {
    const known = customAttributes?.[name];
    if (known === undefined) missing.push(name);
    else if (known !== type) {
      throw new Error(
        `Search attribute ${name} of namespace ${namespace} has another type than Slipway needs; remove it, or use another namespace.`,
      );
    }
  }
  return missing;
}

async function listed(connection: Connection, namespace: string): Promise<void> {
  const until = Date.now() + LISTED_WITHIN_MS;
  while ((await missingAttributes(connection, namespace)).length > 0) {
    if (Date.now() > until)
      throw new Error(
        `Namespace ${namespace} did not take up Slipway's search attributes within ${LISTED_WITHIN_MS / 1_000} s; start again.`,
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Types in the words of Temporal's own tools: no attribute of ours has a type of two words. */
function byHand(namespace: string, missing: readonly string[]): string {
  const names = Object.values(SEARCH_ATTRIBUTES)
    .filter(({ name }) => missing.includes(name))
    .map(({ name, type }) => `${name}=${type.charAt(0)}${type.slice(1).toLowerCase()}`);
  return `This Temporal server does not let Slipway register search attributes; add these to namespace ${namespace} by hand: ${names.join(', ')}.`;
}
