import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

const checkout = resolve(import.meta.dirname, '..');

/** The folders of `lambdas/` that declare a function, in alphabetical order. */
export function functionFolders(root = checkout): string[] {
  const lambdas = join(root, 'lambdas');
  return readdirSync(lambdas)
    .filter((name) => existsSync(join(lambdas, name, 'function.ts')))
    .sort();
}

/** Every function's declaration, in alphabetical order. */
export async function declarations(root = checkout): Promise<FunctionDeclaration[]> {
  const files = functionFolders(root).map((name) => join(root, 'lambdas', name, 'function.ts'));
  const modules = await Promise.all(
    files.map(
      (file) => import(pathToFileURL(file).href) as Promise<{ default: FunctionDeclaration }>,
    ),
  );
  return modules.map((module) => module.default);
}
