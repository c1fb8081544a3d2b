import type { Selectable } from 'kysely';
import type { Endpoint, EndpointSettings } from '../../contracts/webhooks.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';

/** What a caller decides of an endpoint, but whether it is disabled. */
export const endpointColumns = (settings: EndpointSettings) => ({
  uid: settings.uid && indexed(settings.uid),
  url: storable(settings.url),
  description: storable(settings.description),
  filter_types: settings.filterTypes?.map((name) => storable(name)) ?? null,
  channels: settings.channels?.map((name) => storable(name)) ?? null,
  rate_limit: settings.rateLimit,
  ordered: settings.ordered,
  headers: JSON.stringify(settings.headers),
  metadata: JSON.stringify(settings.metadata),
  given_version: settings.givenVersion,
});

export const shownEndpoint = (row: Selectable<Tables['endpoints']>): Endpoint => ({
  application: row.application_id,
  id: row.id,
  uid: row.uid,
  url: row.url,
  description: row.description,
  filterTypes: row.filter_types,
  channels: row.channels,
  rateLimit: row.rate_limit,
  ordered: row.ordered,
  headers: row.headers,
  metadata: row.metadata,
  disabled: row.disabled,
  failures: row.failures,
  version: row.version,
  givenVersion: row.given_version,
  createdAt: row.created_ms,
  updatedAt: row.updated_ms,
});
