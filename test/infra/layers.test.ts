import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository } from './synthesized.ts';

/** A checkout with our linter's configuration and nothing in it yet. */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'layers-'));
  copyFileSync(join(repository, '.oxlintrc.json'), join(checkout, '.oxlintrc.json'));
});

afterEach(() => rmSync(checkout, { recursive: true }));

function givenImport(path: string, from: string): void {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { something } from '${from}';\n\nexport const it = something;\n`);
}

async function lint(): Promise<{ passes: boolean; output: string }> {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [oxlint, '--deny-warnings', '--format', 'json'],
      { cwd: checkout },
    );
    return { passes: true, output: stdout };
  } catch (error) {
    const { stdout, code } = error as { stdout: string; code: number };
    if (code !== 1) throw error;
    return { passes: false, output: stdout };
  }
}

describe('the linter', () => {
  it.each([
    ['shared/domain/planted.ts', '@aws-sdk/client-kms', 'Pure folders import only each other.'],
    ['shared/dkim/planted.ts', '../ports/zone.ts', 'Pure folders import only each other.'],
    ['shared/dkim/header/planted.ts', '#shared/aws/sqs.ts', 'Pure folders import only each other.'],
    ['shared/dkim/planted.ts', '#shared/dns/resolver.ts', 'Pure folders import only each other.'],
    ['shared/dmarc/planted.ts', '../dns/resolver.ts', 'Pure folders import only each other.'],
    ['shared/records/planted.ts', '../runtime/env.ts', 'Pure folders import only each other.'],
    ['shared/spf/planted.ts', 'node:fs', 'Pure code has no I/O.'],
    ['shared/mail/planted.ts', 'node:dns/promises', 'Pure code has no I/O.'],
    ['shared/reports/planted.ts', '../aws/sqs.ts', 'Pure folders import only each other.'],
    ['shared/reports/planted.ts', '#shared/ports/clock.ts', 'Pure folders import only each other.'],
    ['shared/domain/planted.ts', '../webhooks/post.ts', 'Pure folders import only each other.'],
    ['shared/domain/planted.ts', '../rotation/gate.ts', 'Pure folders import only each other.'],
    ['shared/ports/planted.ts', '@aws-sdk/client-sqs', 'Ports import only pure folders.'],
    ['shared/ports/planted.ts', '../aws/sqs.ts', 'Ports import only pure folders.'],
    ['shared/ports/planted.ts', '../checks/holder.ts', 'Ports import only pure folders.'],
    ['shared/ports/planted.ts', '#shared/webhooks/post.ts', 'Ports import only pure folders.'],
    ['shared/ports/planted.ts', 'node:net', 'Ports have no I/O.'],
    ['shared/checks/planted.ts', '../aws/sqs.ts', 'Use cases import each other, ports, pure'],
    ['shared/checks/planted.ts', '#shared/dns/resolver.ts', 'Use cases import each other, ports'],
    ['shared/sending/planted.ts', '@aws-sdk/client-ses', 'Use cases import each other, ports'],
    ['shared/sending/planted.ts', '../api/problem.ts', 'Use cases import each other, ports'],
    ['shared/rotation/planted.ts', 'node:dgram', 'Use cases reach the world through ports.'],
    ['shared/aws/planted.ts', 'aws-cdk-lib', 'Adapters import ports, pure folders, runtime'],
    ['shared/aws/planted.ts', '../checks/holder.ts', 'Adapters import ports, pure folders'],
    ['shared/aws/planted.ts', '#shared/dns/resolver.ts', 'Adapters import ports, pure folders'],
    ['shared/dns/planted.ts', '../runtime/log.ts', 'Adapters of other wires import https'],
    ['shared/dns/planted.ts', '@aws-sdk/client-sqs', 'Adapters of other wires import https'],
    ['shared/webhooks/planted.ts', '../dns/resolver.ts', 'Adapters of other wires import https'],
    [
      'shared/api/planted.ts',
      '../runtime/env.ts',
      "The API's forms import ports and pure folders.",
    ],
    ['shared/api/planted.ts', '../checks/evaluate.ts', "The API's forms import ports and pure"],
    ['shared/runtime/planted.ts', '@aws-sdk/client-s3', 'The runtime folder knows neither AWS'],
    [
      'shared/runtime/planted.ts',
      '../ports/clock.ts',
      'The runtime folder imports only the domain.',
    ],
    ['lambdas/signer/planted.ts', 'aws-cdk-lib', 'A lambda imports itself and #shared.'],
    ['lambdas/signer/planted.ts', '../../shared/domain/claim.ts', 'A lambda imports itself'],
    ['lambdas/signer/planted.ts', '../relay/nudges.ts', 'A lambda imports itself'],
    ['lambdas/signer/planted.ts', '@aws-sdk/client-ses', 'A lambda reaches AWS through'],
    ['infra/stacks/planted.ts', '../../lambdas/signer/deliver.ts', 'infra imports no lambda.'],
    ['infra/stacks/planted.ts', '#shared/domain/claim.ts', 'infra imports only runtime names'],
    ['infra/stacks/planted.ts', '../../shared/domain/claim.ts', 'infra imports only runtime'],
    ['local/planted.ts', '../infra/app.ts', 'Nothing imports infra'],
  ])('refuses that %s imports %s', async (path, from, message) => {
    givenImport(path, from);

    const { passes, output } = await lint();

    expect(output).toContain(message);
    expect(passes).toBe(false);
  });

  it.each([
    ['shared/dkim/planted.ts', '../domain/names.ts'],
    ['shared/records/planted.ts', '#shared/dkim/key-record.ts'],
    ['shared/ports/planted.ts', '../domain/claim.ts'],
    ['shared/reports/planted.ts', '../mail/parse.ts'],
    ['shared/dmarc/planted.ts', '../reports/totals.ts'],
    ['shared/ports/planted.ts', '#shared/reports/totals.ts'],
    ['shared/checks/planted.ts', '../ports/resolver.ts'],
    ['shared/checks/planted.ts', './holder.ts'],
    ['shared/rotation/planted.ts', '../runtime/patience.ts'],
    ['shared/sending/planted.ts', '../checks/holder.ts'],
    ['shared/dns/planted.ts', 'node:dgram'],
    ['shared/dns/planted.ts', '../ports/resolver.ts'],
    ['shared/webhooks/planted.ts', 'node:https'],
    ['shared/api/planted.ts', '../domain/claim.ts'],
    ['shared/runtime/planted.ts', '../domain/errors.ts'],
    ['shared/aws/planted.ts', '@aws-sdk/client-kms'],
    ['shared/aws/planted.ts', '../ports/zone.ts'],
    ['lambdas/signer/planted.ts', '#shared/aws/sqs.ts'],
    ['lambdas/signer/planted.ts', './deliver.ts'],
    ['infra/stacks/planted.ts', '#shared/runtime/env.ts'],
    ['infra/stacks/planted.ts', 'aws-cdk-lib/aws-sqs'],
  ])('lets %s import %s', async (path, from) => {
    givenImport(path, from);

    expect(await lint()).toEqual(expect.objectContaining({ passes: true }));
  });

  it('has a rule for every folder of shared', () => {
    const configuration = JSON.parse(readFileSync(join(repository, '.oxlintrc.json'), 'utf8')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    const globs = configuration.overrides
      .filter(({ rules }) => 'no-restricted-imports' in rules)
      .flatMap(({ files }) => files);
    const folders = readdirSync(join(repository, 'shared'));

    expect(folders).toContain('domain');
    for (const folder of folders) {
      const ruling = globs.filter((glob) => matchesGlob(`shared/${folder}/any.ts`, glob));
      expect(ruling, `rules for shared/${folder}`).toHaveLength(1);
    }
  });
});
