import { expect, it } from 'vitest';
import { apiReference, type ApiDocument } from '../support/api-reference.js';
import { aFullWorld } from './requests.js';
import { serve } from './served.js';

it('docs/api.md is what the OpenAPI document says', async () => {
  const api = await serve(aFullWorld().deps());
  try {
    const document = (await api.get('/openapi.json')).json as unknown as ApiDocument;
    await expect(apiReference(document)).toMatchFileSnapshot('../../docs/api.md');
  } finally {
    await api.close();
  }
});
