import { isMap, isNode, isSeq, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { Path, PolicyError, Problem } from './problem.js';
import { formatPath } from './problem.js';

/** A YAML text read once: its plain value, and for each path the line where a person finds it. */
export interface YamlText {
  readonly value: unknown;
  readonly errors: readonly PolicyError[];
  place(problem: Problem): PolicyError;
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, stringKeys: true });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = document.errors.map((error) => ({ ...at(error.pos[0]), path: '', message: sentence(error) }));
  const place = ({ path, message }: Problem): PolicyError => ({
    ...at(offsetOf(document.contents, path)),
    path: formatPath(path),
    message,
  });
  if (errors.length > 0) return { value: undefined, errors, place };
  try {
    return { value: document.toJS() ?? {}, errors, place };
  } catch {
    // Aliases that multiply without end are an attack or a slip; either way there is nothing to read.
    const message = 'Aliases (*name) in this file repeat each other too often: write the repeated parts out.';
    return { value: undefined, errors: [{ line: 1, column: 1, path: '', message }], place };
  }
}

/** Where the value at a path begins; for what is not there, where the nearest thing around it begins. */
function offsetOf(root: unknown, path: Path): number {
  let node = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  for (const part of path) {
    const found = child(node, part);
    if (!found) return offset;
    offset = found.offset;
    node = found.node;
  }
  return offset;
}

/** Keys are where people look first, so a value in a map is placed at its key, and one in a list where it begins. */
function child(node: unknown, part: string | number): { node: unknown; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isNode(key) && String(key) === String(part));
    const offset = pair && isNode(pair.key) ? pair.key.range?.[0] : undefined;
    return pair && offset !== undefined ? { node: pair.value, offset } : undefined;
  }
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(part)];
  if (!isNode(item) || !item.range) return undefined;
  return { node: item, offset: item.range[0] };
}

function sentence(error: YAMLError): string {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return 'This key is written twice in the same place, and only one could count: remove one of them.';
    case 'TAB_AS_INDENT':
      return 'A tab indents this line, and YAML allows only spaces there: replace it.';
    case 'MULTIPLE_DOCS':
      return 'A second document begins here ("---"), and only one is read: remove the separator or what follows.';
    default:
      return `This is not valid YAML: ${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} Check the indent, brackets and quotes around here.`;
  }
}
