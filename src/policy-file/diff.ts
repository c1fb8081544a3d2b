import { isDeepStrictEqual } from 'node:util';
import { type Duration, formatDuration } from '../domain/time/duration.js';
import { withBuiltIn } from './built-in.js';
import { checkShape } from './check-shape.js';
import { formatPath, type Path } from './problem.js';
import { readYaml } from './yaml-text.js';

/** One difference between two policies, for people and programs. */
export interface PolicyChange {
  /** Keys down to what differs, e.g. `rules.stuck_in_phase.ladder`; people and phases by their name. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
  /** `rules.stuck_in_phase.ladder: nudge -> urgent` */
  readonly text: string;
}

/** A long value is for the file, not for one line of a list. */
const LONGEST_VALUE = 120;
/** A list whose items all carry one of these is compared by it, so that an item put first does not change all others. */
const NAMES = ['id', 'name'] as const;

/**
 * What two texts of `slipway.yaml` mean differently: a default that is written out, another spelling of the same
 * length of time, comments and the order of keys are no change. Empty exactly where both have one version hash in one
 * year. Parts that are not valid count as absent: an old policy may break a rule that came later.
 */
export function diffPolicies(before: string, after: string): readonly PolicyChange[] {
  return compare([], documentOf(before), documentOf(after));
}

const documentOf = (text: string): unknown => withBuiltIn(checkShape(readYaml(text).value).document);

function compare(path: Path, before: unknown, after: unknown): readonly PolicyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [old, now] = [partsOf(before), partsOf(after)];
  if (!old || !now) return [change(path, before, after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const within = keys.flatMap((key) => compare([...path, key], old.get(key), now.get(key)));
  return [...within, ...reordered(path, before, after, [...old.keys()], [...now.keys()])];
}

/** The order of a keyed list carries meaning of its own: phases come one after the other. */
function reordered(
  path: Path,
  before: unknown,
  after: unknown,
  old: readonly (string | number)[],
  now: readonly (string | number)[],
): readonly PolicyChange[] {
  if (!Array.isArray(before) || !Array.isArray(after)) return [];
  const [was, is] = [
    old.filter((key) => now.includes(key)).join(', '),
    now.filter((key) => old.includes(key)).join(', '),
  ];
  if (was === is) return [];
  const at = formatPath(path);
  return [{ path: at, kind: 'changed', before: was, after: is, text: `${at}: order ${was} -> ${is}` }];
}

/** The parts of a value that has some, by key; undefined for what is compared as a whole. */
function partsOf(value: unknown): ReadonlyMap<string | number, unknown> | undefined {
  if (isDuration(value)) return undefined;
  if (Array.isArray(value)) {
    if (value.length > 0 && !value.every((item) => isGroup(item))) return undefined;
    const name = NAMES.find((one) => value.every((item) => typeof item[one] === 'string'));
    return new Map(value.map((item, index) => [name ? String(item[name]) : index, item]));
  }
  return isGroup(value) ? new Map(Object.entries(value).filter(([, part]) => part !== undefined)) : undefined;
}

function change(path: Path, before: unknown, after: unknown): PolicyChange {
  const at = formatPath(path);
  const [was, is] = [before === undefined ? null : shown(before), after === undefined ? null : shown(after)];
  const kind = was === null ? 'added' : is === null ? 'removed' : 'changed';
  const told = kind === 'changed' ? `${brief(was)} -> ${brief(is)}` : `${kind} ${brief(is ?? was)}`;
  return { path: at, kind, before: was, after: is, text: `${at}: ${told}` };
}

const brief = (text: string | null): string =>
  text === null || text.length <= LONGEST_VALUE ? String(text) : `${text.slice(0, LONGEST_VALUE - 1)}…`;

/** A value as one would write it into the file, on one line and with its keys in order. */
function shown(value: unknown): string {
  if (value === null) return 'off';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (isDuration(value)) return formatDuration(value);
  if (!isGroup(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.length === 0 ? '{}' : `{ ${parts.map(([key, part]) => `${key}: ${shown(part)}`).join(', ')} }`;
}

const isDuration = (value: unknown): value is Duration => isGroup(value) && 'amount' in value && 'unit' in value;

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
