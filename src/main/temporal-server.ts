import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import { startTemporal, type SearchAttributeType } from '../embedded/temporal.js';
import type { EncryptingConverter } from '../temporal/data-converter.js';
import type { Settings } from './settings.js';

export const NAMESPACE = 'slipway';

const ATTRIBUTE_TYPES: Readonly<Record<string, SearchAttributeType>> = {
  KEYWORD: 'Keyword',
  KEYWORD_LIST: 'KeywordList',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  TEXT: 'Text',
};

/** The columns that workflows write, each with its type in the words of the server's command line. */
export function searchAttributeTypes(): Record<string, SearchAttributeType> {
  return Object.fromEntries(
    Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, ATTRIBUTE_TYPES[type] as SearchAttributeType]),
  );
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly embedded: boolean;
  stop(): Promise<void>;
}

/** The server of `TEMPORAL_ADDRESS`, else the embedded one of this data directory. */
export async function startTemporalServer(
  settings: Settings,
  dataDir: string,
  payloads: EncryptingConverter | undefined,
  progress: (text: string) => void,
): Promise<TemporalServer> {
  if (settings.temporalAddress) return givenTemporalServer(settings.temporalAddress, settings.temporalUiUrl);
  const server = await startTemporal({
    dataDir,
    namespace: settings.temporalNamespace ?? NAMESPACE,
    port: settings.temporalPort,
    uiPort: settings.temporalUiPort,
    speedIsOne: settings.clockSpeed === 1,
    searchAttributes: searchAttributeTypes(),
    codecEndpoint: payloads && `http://127.0.0.1:${settings.consolePort}/codec`,
    progress,
  });
  return { address: server.address, uiUrl: server.uiUrl, embedded: true, stop: () => server.stop() };
}

export function givenTemporalServer(address: string, uiUrl: string | undefined): TemporalServer {
  return { address, uiUrl: uiUrl ?? null, embedded: false, stop: async () => {} };
}
