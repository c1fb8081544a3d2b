import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/**
 * Asks at the terminal; the question goes to the error output, so that the answer of a command stays clean. An end of
 * the input (Ctrl-D) is an empty answer: the question alone would never settle.
 */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await Promise.race([lines.question(question), once(lines, 'close').then(() => '')]);
  } finally {
    lines.close();
  }
}
