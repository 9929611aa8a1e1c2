import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Packed within, so that nothing else is installed with the client. */
const bundled = ['openapi-fetch', 'openapi-typescript-helpers'] as const;

interface Manifest {
  readonly version: string;
  readonly license: string;
}

/**
 * Packs the client as npm does.
 *
 * @param folder that the package is written into
 * @returns the path of the package
 */
export async function packClient(folder: string): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'sender-domains-client-'));
  try {
    await cp(join(import.meta.dirname, 'package'), made, { recursive: true });
    await run(process.execPath, [join(root, 'dashboard/client.ts')]);
    await cp(join(root, 'dashboard/src/api/schema.d.ts'), join(made, 'schema.d.ts'));
    await cp(join(root, 'LICENSE'), join(made, 'LICENSE'));
    for (const name of bundled) {
      const from = join(root, 'node_modules', name);
      await cp(from, join(made, 'node_modules', name), { recursive: true });
    }
    await writeFile(join(made, 'package.json'), JSON.stringify(await manifest(), undefined, 2));
    await mkdir(folder, { recursive: true });
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: made,
    });
    const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
    return join(folder, filename);
  } finally {
    await rm(made, { recursive: true });
  }
}

async function manifest(): Promise<object> {
  const { version, license } = await manifestOf(root);
  const versions = bundled.map(async (name) => {
    const of = await manifestOf(join(root, 'node_modules', name));
    return [name, of.version] as const;
  });
  return {
    name: 'sender-domains-client',
    version,
    license,
    description: 'A typed client of the sender-domains API',
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    files: ['index.js', 'index.d.ts', 'schema.d.ts'],
    dependencies: Object.fromEntries(await Promise.all(versions)),
    bundleDependencies: bundled,
    engines: { node: '>=20' },
  };
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
