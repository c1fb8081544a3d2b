import type { ConsoleSeen } from '../doctor/observations.js';

/** Real: it is on this machine. */
const WITHIN_MS = 3_000;

/** Asks the console of this machine how it is. */
export async function lookAtConsole(url: string, token: string | undefined): Promise<ConsoleSeen> {
  const answer = await get(`${url}/api/v1/status`, token);
  if (!answer) return { url, state: 'down', version: null, warnings: [] };
  const { status, body } = answer;
  if (status === 401 && hasCode(body)) return { url, state: 'locked', version: null, warnings: [] };
  const { version, warnings } = body as { version?: unknown; warnings?: unknown };
  if (status !== 200 || typeof version !== 'string') return { url, state: 'foreign', version: null, warnings: [] };
  return { url, state: 'up', version, warnings: Array.isArray(warnings) ? warnings.map(String) : [] };
}

/** Whether an edge of Slipway answers on this port. */
export async function isEdge(port: number): Promise<boolean> {
  const answer = await get(`http://127.0.0.1:${port}/readyz`, undefined);
  return answer !== undefined && typeof (answer.body as { checks?: unknown }).checks === 'object';
}

const hasCode = (body: object): boolean => 'error' in body;

async function get(url: string, token: string | undefined): Promise<{ status: number; body: object } | undefined> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(WITHIN_MS),
      headers: { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    // Something that takes the connection and says nothing is there all the same.
    return error instanceof Error && error.name === 'TimeoutError' ? { status: 0, body: {} } : undefined;
  }
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
