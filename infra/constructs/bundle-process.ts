import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/**
 * Builds bundles by the options that come as JSON on the standard input, and writes the inputs of
 * all of them as JSON. A process of its own: esbuild takes plugins in asynchronous builds only, and
 * constructs are made synchronously.
 */

/** The schemas of an SDK client: `{ [_hH]: _ct }` with `const _hH = "httpHeader"` above. */
const SCHEMAS = /[\\/]@aws-sdk[\\/].*[\\/]schemas_0\.js$/;

/**
 * Writes the names of computed keys in an SDK client's schemas out. esbuild takes a computed key for
 * an effect, and so keeps the schemas of every operation; without one it drops those that no bundle
 * uses: 60 KB of S3's, 50 KB of SES's.
 */
const constantKeys: Plugin = {
  name: 'constant-keys',
  setup(building) {
    building.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [
          name,
          value,
        ]),
      );
      const contents = source.replaceAll(
        /\[(_\w+)\]:/g,
        (key, name: string) => `${constants.get(name) ?? key}:`,
      );
      return { contents, loader: 'js' };
    });
  },
};

const options = JSON.parse(await text(process.stdin)) as BuildOptions;
try {
  const { metafile } = await build({ ...options, metafile: true, plugins: [constantKeys] });
  process.stdout.write(JSON.stringify(Object.keys(metafile.inputs)));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
