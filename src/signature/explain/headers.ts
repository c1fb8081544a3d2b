import type { Claim } from './claim.js';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const NAMES = ['id', 'timestamp', 'signature'] as const;
const FAMILIES = ['svix', 'webhook'] as const;
type Family = (typeof FAMILIES)[number];

export type HeaderTexts = Omit<Claim, 'body'>;

/** What a receiver reads: `svix-*` before `webhook-*`, header by header; undefined where none of a name is there. */
export function readHeaders(headers: Headers): Partial<HeaderTexts> {
  return Object.fromEntries(
    NAMES.map((name) => [name, textOf(headers, 'svix', name) ?? textOf(headers, 'webhook', name)]).filter(
      ([, text]) => text !== undefined,
    ),
  );
}

/** Header names that are not there, or are empty, as they should be written. */
export const missingHeaders = (texts: Partial<HeaderTexts>): readonly string[] =>
  NAMES.filter((name) => !texts[name]).map((name) => `svix-${name}`);

/** Headers that look like ours under a name that is not: a proxy or a CGI has renamed them. */
export const renamedHeaders = (headers: Headers): readonly string[] =>
  Object.keys(headers).filter(
    (name) =>
      /(svix|webhook)[-_.](id|timestamp|signature)$/i.test(name) &&
      !/^(svix|webhook)-(id|timestamp|signature)$/.test(name),
  );

/** Every other choice between two families that say different things; the whole of one family first. */
export function otherMixes(headers: Headers): readonly { readonly texts: HeaderTexts; readonly of: string }[] {
  const choices: readonly (readonly [Family, Family, Family])[] = [
    ['webhook', 'webhook', 'webhook'],
    ...FAMILIES.flatMap((id) => FAMILIES.flatMap((at) => FAMILIES.map((by) => [id, at, by] as const))),
  ];
  return choices.flatMap((families) => {
    const [id, timestamp, signature] = families.map((family, i) => textOf(headers, family, NAMES[i] ?? 'id'));
    if (!id || !timestamp || !signature) return [];
    const of = NAMES.map((name, i) => `${families[i]}-${name}`).join(', ');
    return [{ texts: { id, timestamp, signature }, of }];
  });
}

function textOf(headers: Headers, family: Family, name: (typeof NAMES)[number]): string | undefined {
  const value = headers[`${family}-${name}`];
  return Array.isArray(value) ? value.join(', ') : value;
}
