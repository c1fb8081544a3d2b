import type { Migration } from 'kysely';
import * as inbox from './0001-inbox.js';
import * as edge from './0002-edge.js';
import * as readModel from './0003-read-model.js';
import * as sends from './0004-sends.js';
import * as policies from './0005-policies.js';
import * as access from './0006-access.js';
import * as care from './0007-care.js';
import * as correlation from './0009-correlation.js';
import * as webhooks from './0010-webhooks.js';
import * as payloads from './0011-payloads.js';

/** In order of their names. One that has shipped is never edited: a change is a new one at the end. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-inbox': inbox,
  '0002-edge': edge,
  '0003-read-model': readModel,
  '0004-sends': sends,
  '0005-policies': policies,
  '0006-access': access,
  '0007-care': care,
  '0009-correlation': correlation,
  '0010-webhooks': webhooks,
  '0011-payloads': payloads,
};
