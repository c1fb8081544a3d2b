/** Something wrong in a policy file, as people and editors see it: lines and columns count from 1. */
export interface PolicyError {
  readonly line: number;
  readonly column: number;
  /** `people[0].manager`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** The same before its place in the text is known. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
