import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { awsAccount } from '#shared/adapters/aws/account.ts';
import { examineAccount } from '#shared/app/doctor/account-checks.ts';
import type { Finding } from '#shared/app/doctor/finding.ts';
import type { Plan } from '#shared/app/doctor/plan.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where } from './connection.ts';

const usage = `Usage: npm run doctor -- [--aws] [--state DIR] [--json]

Finds what would stop a deployment, or hold up its first customers, and says what to do about each.
The configuration in cdk.json, or in the file that SENDER_DOMAINS_CONFIG names, is checked without
an account.

  --aws        the account of the AWS credentials in the environment too: Lambda's concurrency, SES's
               sandbox, rate, identities and rule set, hosted zones and their quota, the delegation,
               and what an earlier deployment left. Nothing is changed; each finding names the right
               that its check needs where the credentials lack it.
  --state DIR  the account that the local run in that folder imitates
  --json       {"findings": [{"check", "severity", "says", "todo"}]}

It ends with 0 where there is nothing to do, else with 1.`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** What infra/bin/check.ts prints. */
interface Examined {
  readonly problems: readonly string[];
  readonly plan?: Plan;
  readonly resolvers?: readonly string[];
}

/**
 * `npm run doctor`.
 *
 * @throws CommandError where the configuration cannot be found
 */
export async function examine(where: Where = {}): Promise<Finding[]> {
  const local = where.state === undefined ? undefined : localRun(where);
  const { problems, plan, resolvers = [] } = examineConfig(local?.configFile);
  // A local run has the placeholders that a deployment must not have.
  const findings = local === undefined ? problems.map(ofConfig) : [];
  const asks = where.aws === true || local !== undefined;
  if (!asks || plan === undefined) return findings;
  const account = awsAccount({ region: plan.region, ...local?.client }, resolvers);
  return [...findings, ...(await examineAccount(account, plan))];
}

/** `zone: "x" cannot be deployed; give ....` */
function ofConfig(problem: string): Finding {
  const [, option = 'configuration', says = problem, todo = ''] =
    /^([\w.]+): (.+?); (give [^]+)$/.exec(problem) ?? [];
  return {
    check: `config:${option}`,
    severity: 'stops',
    says: todo === '' ? problem : `${option}: ${says}.`,
    todo: todo === '' ? `Change ${option} in the configuration.` : sentence(todo),
  };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function examineConfig(configFile?: string): Examined {
  try {
    const text = execFileSync(process.execPath, [join(root, 'infra/bin/check.ts')], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(configFile && { SENDER_DOMAINS_CONFIG: configFile }) },
    });
    return JSON.parse(text) as Examined;
  } catch (error) {
    throw new CommandError((error as { stderr?: string }).stderr ?? String(error), {
      cause: error,
    });
  }
}

const words: Readonly<Record<Finding['severity'], string>> = {
  stops: 'STOPS THE DEPLOYMENT',
  hinders: 'HOLDS UP CUSTOMERS',
  unknown: 'COULD NOT BE READ',
};

function print(findings: readonly Finding[]): void {
  for (const { check, severity, says, todo } of findings) {
    console.log(`${words[severity]}  ${check}\n  ${says}\n  ${todo}\n`);
  }
  const count = findings.length;
  console.log(count === 0 ? 'Nothing to do.' : `${count} to do.`);
}

async function main(): Promise<void> {
  const { values } = readArguments(usage, {
    ...stateOption,
    aws: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const findings = await examine(values);
  if (values.json) console.log(JSON.stringify({ findings }, undefined, 2));
  else print(findings);
  if (findings.length > 0) process.exitCode = 1;
}

if (import.meta.main) await runCommand(main, wordsOf);
