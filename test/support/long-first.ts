import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start whole systems take a minute or more: one that came last would be waited for with a core idle. */
const LONG = /\/test\/(faults|start|rebuild|deploy|embedded)\//;

/**
 * Long files first, then short ones, and last those of the project that shares a process, one after the other: vitest hands
 * a process on only to the file that is next.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ project, moduleId }: TestSpecification): number {
  if (!project.config.isolate) return 2;
  return LONG.test(moduleId) ? 0 : 1;
}
