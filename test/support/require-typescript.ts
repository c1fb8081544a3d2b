import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { transformSync } from '@swc/core';

type Loader = (module: { _compile(code: string, file: string): void }, file: string) => void;

/**
 * Lets `require` load TypeScript, for what the SDK loads by path and not by import. In a built program it is JavaScript,
 * which Node's own `require` takes.
 */
export function requireTypescript(): void {
  const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
  loaders['.ts'] = (module, file) => {
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    module._compile(code, file);
  };
}
