/** What one scrape saw: series with their labels, as text, and their values. */
export type Scrape = ReadonlyMap<string, number>;

const TARGET = 'job="slipway-server",instance="s1"';
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

/** Scrapes as Prometheus does: adds the target's labels, and `up`, which is 0 where there is no answer of 200. */
export async function scrape(url: string): Promise<Scrape> {
  const text = await textOf(url);
  if (text === undefined) return new Map([[`up{${TARGET}}`, 0]]);
  return new Map([[`up{${TARGET}}`, 1], ...samplesOf(text)]);
}

async function textOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where a line is none of the text format, so that what is appended is held to it too. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels, value] = LINE.exec(line) ?? [];
    if (!name || !value) throw new Error(`no line of Prometheus' text format: ${line}`);
    const series = `${name}{${[labels, TARGET].filter(Boolean).join(',')}}`;
    if (samples.has(series)) throw new Error(`twice in one scrape: ${series}`);
    samples.set(series, Number(value.replace('Inf', 'Infinity')));
  }
  return samples;
}
