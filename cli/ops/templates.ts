import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackTemplate, Template } from '#shared/app/adopt/template.ts';
import { CommandError } from '../command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly displayName?: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
}

/**
 * Synthesizes the templates, without the code of functions.
 *
 * @param configFile that of a local run; default: what `cdk deploy` would take, without placeholders
 * @throws CommandError with what is wrong with the configuration
 */
export function synthesizeTemplates(configFile?: string): readonly StackTemplate[] {
  const folder = mkdtempSync(join(tmpdir(), 'adopt-'));
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
    context: object;
  };
  try {
    const program = configFile === undefined ? 'infra/bin/app.ts' : 'infra/bin/synth.ts';
    execFileSync(process.execPath, [join(root, program)], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:bundling-stacks': [] }),
        ...(configFile && { SENDER_DOMAINS_CONFIG: configFile }),
      },
    });
    const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return Object.values((read('manifest.json') as Manifest).artifacts)
      .filter(({ type }) => type === 'aws:cloudformation:stack')
      .map(({ displayName = '', properties }) => ({
        name: properties?.stackName ?? displayName,
        template: read(properties?.templateFile ?? '') as Template,
      }));
  } catch (error) {
    throw new CommandError((error as { stderr?: string }).stderr ?? String(error), {
      cause: error,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
