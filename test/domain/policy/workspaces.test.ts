import { describe, expect, it } from 'vitest';
import { workspacesOf } from '../../../src/domain/policy/workspaces.js';

const of = (...names: string[]) => workspacesOf(names.map((workspace) => ({ workspace })));

describe('the workspaces of a policy', () => {
  it('answer in one order whatever the file lists first: main, then by name, as the lists do', () => {
    expect(of('emea', 'a_b', 'main', 'a-b', 'ab', 'emea')).toEqual(['main', 'a-b', 'a_b', 'ab', 'emea']);
  });

  it('may do without a main', () => {
    expect(of('emea', 'apac')).toEqual(['apac', 'emea']);
  });
});
