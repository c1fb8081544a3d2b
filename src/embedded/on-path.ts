import { execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';

/** Where a program lies on the PATH of whoever started us; undefined when it does not. */
export function onPath(program: string): string | undefined {
  try {
    // The shell inherits PATH, so that no room below main has to read the environment.
    const found = execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8', stdio: 'pipe' });
    return isAbsolute(found.trim()) ? found.trim() : undefined;
  } catch {
    return undefined;
  }
}
