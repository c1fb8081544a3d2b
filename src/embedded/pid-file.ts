import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessMark } from './process-mark.js';

/** Writes a small JSON file so that a reader finds the old or the new content, never half of it. */
export function writePidFile(path: string, content: ProcessMark): void {
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

/** What a pid file says of a process that still runs; null when there is none, it ended, or the file is unreadable. */
export function readPidFile<Content extends ProcessMark>(path: string): Content | null {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Content;
    return isRunning(content) ? content : null;
  } catch {
    return null;
  }
}
