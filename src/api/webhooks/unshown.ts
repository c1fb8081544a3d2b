/**
 * For the audit log: the names of what differs among fields whose values it must not hold, since they may be secrets or
 * somebody's data. Nothing where none differs, or where there was nothing before.
 */
export function unshown<T extends object>(
  before: T | null,
  after: T,
  names: readonly (keyof T & string)[],
): { readonly changed?: string } {
  const changed = names.filter((name) => before && JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed.length > 0 ? { changed: changed.join(' ') } : {};
}
