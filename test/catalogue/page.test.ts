import { expect, it } from 'vitest';
import { CATALOGUE, DESCRIBED_EVENTS } from '../../src/contracts/api-catalogue.js';
import { catalogueOf } from '../support/event-catalogue.js';

it('docs/event-catalogue.md is what the catalogue says', async () => {
  const schemaOf = (name: string): unknown => CATALOGUE.find((type) => type.name === name)?.schemas?.['1'];

  await expect(catalogueOf(DESCRIBED_EVENTS, schemaOf)).toMatchFileSnapshot('../../docs/event-catalogue.md');
});
