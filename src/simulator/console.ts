/** The console API of the Slipway that the story is about, over HTTP as anybody would use it. */
export interface Console {
  get<T>(path: string): Promise<T>;
  /** Every page of a list. */
  all<T>(path: string): Promise<T[]>;
  /** A refusal is an answer too, such as 409 for an acknowledge of what is over already. */
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<{ status: number; message: string }>;
  text(path: string): Promise<string>;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** Real. */
const ANSWER_WITHIN_MS = 15_000;

export function createConsole(url: string, token?: string): Console {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const get = async <T>(path: string): Promise<T> => {
    const response = await ask(path);
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}`);
    return (await response.json()) as T;
  };
  return {
    get,
    all: async <T>(path: string) => {
      const items: T[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Page<T> = await get(`${path}?limit=200${query}`);
        items.push(...page.data);
        cursor = page.next_cursor;
      }
      return items;
    },
    post: async (path, body) => {
      const response = await ask(path, { method: 'POST', body: JSON.stringify(body) });
      const answer = (await response.json()) as { error?: { message?: string } };
      return { status: response.status, message: answer.error?.message ?? '' };
    },
    text: async (path) => (await ask(path)).text(),
  };
}
