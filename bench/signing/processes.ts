import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The measurement of a process of its own; see child.ts. */
export interface ChildFigures {
  /** Milliseconds. */
  readonly load: number;
  /** Milliseconds. */
  readonly first: number;
  /** Octets. */
  readonly peak: number;
}

/**
 * Bundles child.ts as a Lambda is bundled, so that what Node needs to read TypeScript is not measured.
 *
 * @param folder inside of the project, so that the peers' packages are found
 * @returns runs it: the best of several processes, figure by figure
 */
export async function makeChild(folder: string) {
  await build({
    entryPoints: [fileURLToPath(new URL('child.ts', import.meta.url))],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['mailauth', 'nodemailer'],
  });
  return (subject: string, messageFile: string, keyFile: string, times: number): ChildFigures => {
    const runs = Array.from({ length: 5 }, () => {
      const args = [`${folder}/child.mjs`, subject, messageFile, keyFile, String(times)];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as ChildFigures;
    });
    const best = (figure: keyof ChildFigures): number =>
      Math.min(...runs.map((run) => run[figure]));
    return { load: best('load'), first: best('first'), peak: best('peak') };
  };
}
