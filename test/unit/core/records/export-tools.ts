import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

/**
 * Runs a tool on a file with this text; undefined where the tool is not installed. Never under
 * libfaketime (`LD_PRELOAD`): these files have no dates, and named-checkzone hangs at its start, since
 * its allocator asks for the time before libfaketime is ready.
 */
export function accepts(command: string, text: string, ...args: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const file = join(directory, 'export');
  writeFileSync(file, text);
  const { error, status, stdout, stderr } = spawnSync(
    command,
    args.map((arg) => (arg === 'FILE' ? file : arg)),
    { encoding: 'utf8', cwd: directory, env: { ...process.env, LD_PRELOAD: undefined } },
  );
  rmSync(directory, { recursive: true });
  return error === undefined ? { status, said: stdout + stderr } : undefined;
}

/** As the tools want a whole zone: with SOA and NS, whose server is elsewhere. */
export const wholeZone = (text: string): string =>
  `${text}@ IN SOA ns.example.net. hostmaster.example.net. 1 7200 900 1209600 60\n@ IN NS ns.example.net.\n`;

/** CI installs what Debian has; Terraform is not among it. */
const required = (tool: string): boolean => process.env['CI'] !== undefined && tool !== 'terraform';

/** Says that a tool is not installed, and fails where it must be. */
export const skipped = (tool: string): void => {
  console.warn(`\nSKIPPED: ${tool} is not installed: it did not check the exports.\n`);
  expect(required(tool)).toBe(false);
};

/** A record set of the map in an export for Terraform. */
export interface TerraformSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
  readonly overwrite: boolean;
}

/** The values of the map, as Terraform itself reads them, without the resource of a provider. */
export function readTerraform(text: string): TerraformSet[] | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const withoutResource = text.slice(0, text.indexOf('resource "aws_route53_record"'));
  writeFileSync(join(directory, 'main.tf'), withoutResource);
  const run = (args: string[], input?: string) =>
    spawnSync('terraform', args, { cwd: directory, encoding: 'utf8', input });
  try {
    const validated = run(['validate', '-json']);
    if (validated.error !== undefined) return undefined;
    expect(JSON.parse(validated.stdout)).toMatchObject({ valid: true, diagnostics: [] });
    const { stdout, stderr } = run(
      ['console', '-var', 'zone_id=Z1'],
      'base64encode(jsonencode(local.sender_domain_records))\n',
    );
    expect(stderr.replaceAll(/[╷│╵\s]|Warning.*|.*CLI config.*|The CLI .*/g, '')).toBe('');
    const json = Buffer.from(JSON.parse(stdout.trim()) as string, 'base64').toString();
    return Object.values(JSON.parse(json) as Record<string, TerraformSet>);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
