import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CliFailure, EXIT } from './failure.js';

/** The text of a file, or of the standard input for `-`. */
export async function readText(file: string): Promise<string> {
  return (await readBytes(file)).toString('utf8');
}

/** The bytes of a file, or of the standard input for `-`. */
export async function readBytes(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : String(code);
    throw new CliFailure(
      EXIT.usage,
      `${file} cannot be read (${why}): name a readable file, or - for the standard input.`,
    );
  }
}

/** Writes a file anew, whatever was in it. */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw new CliFailure(EXIT.usage, `${file} cannot be written (${code}): name a file in a directory that can be.`);
  }
}

/** The JSON object in a file, or on the standard input for `-`. */
export async function readObject(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `${file} is not JSON (${(error as Error).message}): write one JSON object.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new CliFailure(EXIT.usage, `${file} is no JSON object: what is sent is one.`);
}
