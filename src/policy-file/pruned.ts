import type { Path } from './problem.js';

/** What takes the place of a required value that is wrong, so that the names beside it are still checked. */
const STAND_INS: Readonly<Record<string, unknown>> = { after: '0 minutes', every: '1 day', times: 1 };

/** A value from which parts are taken out, remembering which items of a list are left. */
export class Pruned {
  value: unknown;
  private readonly kept = new Map<unknown, number[]>();

  constructor(value: unknown) {
    this.value = structuredClone(value);
  }

  /** A path to something that is missing takes the part out that misses it. */
  remove(paths: readonly Path[]): void {
    const present = new Map(paths.map((path) => this.present(path)).map((path) => [JSON.stringify(path), path]));
    // Deep and late parts first, so that no removal shifts the path of another.
    for (const path of [...present.values()].sort(descending)) this.removeOne(path);
  }

  original(path: Path): Path {
    let node = this.value;
    return path.map((part) => {
      const found = Array.isArray(node) ? (this.kept.get(node)?.[Number(part)] ?? part) : part;
      node = childOf(node, part);
      return found;
    });
  }

  private present(path: Path): Path {
    let node = this.value;
    for (const [depth, part] of path.entries()) {
      if (!hasKey(node, part)) return depth === path.length - 1 && part in STAND_INS ? path : path.slice(0, depth);
      node = childOf(node, part);
    }
    return path;
  }

  private removeOne(path: Path): void {
    const last = path.at(-1);
    const parent = path.slice(0, -1).reduce(childOf, this.value);
    if (last === undefined) this.value = {};
    else if (Array.isArray(parent)) {
      if (!this.kept.has(parent)) this.kept.set(parent, [...parent.keys()]);
      this.kept.get(parent)?.splice(Number(last), 1);
      parent.splice(Number(last), 1);
    } else replaceOrDelete(parent as Record<string, unknown>, last);
  }
}

function replaceOrDelete(parent: Record<string, unknown>, key: string | number): void {
  if (key in STAND_INS && parent[key] !== STAND_INS[key]) parent[key] = STAND_INS[key];
  else delete parent[key];
}

function childOf(node: unknown, part: string | number): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  return hasKey(node, part) ? (node as Record<string | number, unknown>)[part] : undefined;
}

function hasKey(node: unknown, part: string | number): boolean {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, part);
}

function descending(a: Path, b: Path): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [left, right] = [a[i], b[i]];
    if (left === right) continue;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    if (typeof left === 'number' && typeof right === 'number') return right - left;
    return String(left) < String(right) ? 1 : -1;
  }
  return 0;
}
