import { resolveNs } from 'node:dns/promises';
import { Resolver } from 'node:dns/promises';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import { CommandError, readArguments, runCommand, stateOption, UsageError } from './command.ts';
import { localRun, wordsOf, type Where } from './connection.ts';
import { byHand } from './live-check/by-hand.ts';
import { type Result, runChecks } from './live-check/check.ts';
import { liveChecks } from './live-check/index.ts';
import { openLab } from './live-check/lab.ts';
import { readSettings } from './settings.ts';
import { endpointsFileOf, type Endpoints } from './service/endpoints.ts';

const usage = `Usage: npm run live-check -- --domain DOMAIN [--api URL] [--only CHECK ...] [--aws] [--state DIR] [--json]

Tries on the account what no simulation can prove (docs/live-account.md), and says of each line whether
it held, did not, or could not be tried, with what AWS answered. It can be run again at any time: what
it makes has names of its own and is removed at the end. It sends four mails to SES's simulator.

  --domain DOMAIN  a domain of yours that the account sends from: one that a tenant has claimed
  --api URL        the API: the output ApiUrl of the onboarding stack
  --only CHECK     this check only, and others by giving it again
  --json           {"results": [{"check", "line", "outcome", "says", "bytes"}], "byHand", "left"}

The credentials in the environment must be an administrator's: some lines are that even one is refused.
It ends with 0 where no line did not hold and nothing is left behind, else with 1.`;

export interface LiveChecked {
  readonly results: readonly Result[];
  /** What could not be removed. */
  readonly left: readonly string[];
}

interface Options extends Where {
  readonly domain: string;
  readonly api?: string | undefined;
  readonly only?: readonly string[] | undefined;
}

/** `npm run live-check`. @throws CommandError where the deployment cannot be found */
export async function liveCheck(
  { domain, api: givenApi, only, ...where }: Options,
  onResult?: (result: Result) => void,
): Promise<LiveChecked> {
  const unknown = only?.find((name) => !Object.hasOwn(liveChecks, name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no check "${unknown}": ${Object.keys(liveChecks).join(', ')}.`);
  }
  const local = localRun(where);
  const { name, deployment } = readSettings(local?.configFile);
  const client = { region: deployment.region, ...local?.client };
  const endpoints =
    local && (JSON.parse(readFileSync(endpointsFileOf(local.stateDir), 'utf8')) as Endpoints);
  const api = givenApi ?? endpoints?.api;
  if (api === undefined)
    throw new UsageError('Give --api, the output ApiUrl of the onboarding stack.');
  const { Environment: environment } = await new LambdaClient(client).send(
    new GetFunctionConfigurationCommand({ FunctionName: `${name}-signer` }),
  );
  const revocations = environment?.Variables?.['REVOCATIONS_BUCKET'];
  if (revocations === undefined) {
    throw new CommandError(`${name}-signer names no bucket of revocations; deploy this release.`);
  }
  const { zone } = deployment;
  const txt = textsOf(endpoints?.dns, zone);
  const { lab, close } = openLab({ name, zone, domain, revocations, api, txt, client });
  const chosen = Object.entries(liveChecks).filter(([each]) => only?.includes(each) ?? true);
  try {
    const results = await runChecks(Object.fromEntries(chosen), lab, onResult);
    return { results, left: await close() };
  } finally {
    // Where it was cut off by an error; after the end there is nothing left to undo.
    await close();
  }
}

/** Asks the zone's own name servers, or the DNS of a local run. */
const textsOf = (dns: Endpoints['dns'] | undefined, zone: string) => async (name: string) => {
  const resolver = new Resolver();
  if (dns !== undefined) resolver.setServers([`${dns.host}:${dns.port}`]);
  else {
    const [server = ''] = await resolveNs(zone);
    resolver.setServers(await new Resolver().resolve4(server));
  }
  return (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
};

const words = { held: 'HELD     ', 'did-not': 'DID NOT  ', 'could-not': 'NOT TRIED' } as const;

function printResult({ check, line, outcome, says, bytes }: Result): void {
  console.log(`${words[outcome]}  ${check}: ${line}`);
  if (outcome === 'held') return;
  console.log(`           ${says}`);
  for (const each of bytes) console.log(`           | ${each}`);
}

async function main(): Promise<void> {
  const { values } = readArguments(usage, {
    ...stateOption,
    aws: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    domain: { type: 'string' },
    api: { type: 'string' },
    only: { type: 'string', multiple: true },
  });
  const { domain, json } = values;
  if (domain === undefined) throw new UsageError('Give --domain, one that the account sends from.');
  const { results, left } = await liveCheck({ ...values, domain }, json ? undefined : printResult);
  if (json) console.log(JSON.stringify({ results, byHand, left }, undefined, 2));
  else {
    console.log('\nNot tried, since no program can alone:');
    for (const [row, why] of Object.entries(byHand)) console.log(`  ${row} ...: ${why}`);
    for (const each of left) console.log(`LEFT BEHIND  ${each}`);
  }
  const failed = results.some(({ outcome }) => outcome === 'did-not') || left.length > 0;
  if (failed) process.exitCode = 1;
}

if (import.meta.main) await runCommand(main, wordsOf);
