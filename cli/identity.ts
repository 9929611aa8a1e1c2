import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { identitiesClient, sesIdentities } from '#shared/adapters/aws/ses-identities.ts';
import {
  adoptIdentity,
  notOwn,
  releaseIdentity,
  type AdoptPorts,
  type NotAdopted,
} from '#shared/app/adopt-identity.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { parseDomainName } from '#shared/core/model/names.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where as AnyWhere } from './connection.ts';
import { tablesOfDeployment } from './settings.ts';

const usage = `Usage: npm run identity -- COMMAND [--state DIR] [--aws] [--name DEPLOYMENT]

  list             claimed domains whose SES identity this deployment did not make
  adopt DOMAIN     what it would mean to use the identity; with --yes, lets claims of the domain use
                   it, and sets its MAIL FROM once one of them is proven; it is never deleted. With
                   --keep-mail-from its MAIL FROM stays as it is
  release DOMAIN   takes that back with --yes: the identity stays at SES as it then is

The local run is used where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, the deployment of the AWS credentials and region in the environment
is; --name is its name where it is not sender-domains.`;

export interface Where extends AnyWhere {
  /** The deployment's name. */
  readonly name?: string | undefined;
}

/** The ports of the command, on the local run or on AWS. */
export function connect({ name = 'sender-domains', ...where }: Where = {}): AdoptPorts {
  const local = localRun(where);
  const config = local?.client ?? {};
  const { identities } = tablesOfDeployment(name, local?.configFile);
  return {
    identities: dynamoIdentityStore(documentClient(config), identities),
    ses: sesIdentities(identitiesClient({ ...config, maxAttempts: 5 })),
    clock: { now: () => new Date() },
  };
}

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  name: { type: 'string' },
  'keep-mail-from': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof readArguments<typeof options>>['values'];

/** @returns the lines to print @throws CommandError */
export async function run(
  command: string | undefined,
  name: string | undefined,
  values: Partial<Values>,
  ports: AdoptPorts,
): Promise<string[]> {
  if (command === 'list' && name === undefined) return list(ports);
  if ((command !== 'adopt' && command !== 'release') || name === undefined) {
    throw new CommandError(usage);
  }
  const domain = parseDomainName(name);
  const dryRun = values.yes !== true;
  const keepsMailFrom = values['keep-mail-from'] === true;
  const result =
    command === 'adopt'
      ? await adoptIdentity(domain, { keepsMailFrom, dryRun }, ports)
      : await releaseIdentity(domain, { dryRun }, ports);
  if (typeof result === 'string') throw new CommandError(refusals[result](domain));
  if (command === 'release') {
    return [
      dryRun
        ? `Claims of ${domain} would wait for you again; the identity would stay at SES. Do it with --yes.`
        : `Claims of ${domain} wait for you again. The identity stays at SES as it is.`,
    ];
  }
  const mailFrom = keepsMailFrom ? 'keeps its MAIL FROM' : "gets the service's MAIL FROM";
  return [
    `SES says of ${domain}: ${result.status}.`,
    dryRun
      ? `Adopted, claims of it could use it; it ${mailFrom} once one is proven, and is never deleted. Do it with --yes.`
      : `Adopted: it ${mailFrom} once a claim is proven. Claims see it at their next check, or within 15 minutes.`,
  ];
}

const refusals: Record<NotAdopted, (domain: string) => string> = {
  'unknown-to-ses': (domain) =>
    `SES has no identity ${domain} in this account and region: the service makes one by itself once the domain is claimed.`,
  own: (domain) => `This deployment made the identity of ${domain} itself: nothing to adopt.`,
  'not-adopted': (domain) => `The identity of ${domain} is not adopted; see those with: list`,
};

async function list(ports: AdoptPorts): Promise<string[]> {
  const lines: string[] = [];
  for await (const { domain, stage, status, requestedAt } of notOwn(ports)) {
    lines.push(`${domain}  ${stage} since ${requestedAt}  ${status}`);
  }
  return lines.length === 0 ? ['This deployment made every identity that it knows.'] : lines;
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 2);
  const [command, name] = positionals;
  const lines = await run(command, name, values, connect(values));
  console.log(lines.join('\n'));
}

if (import.meta.main) {
  await runCommand(main, (error) =>
    error instanceof Conflict
      ? 'The identity function is just at this identity; try again.'
      : wordsOf(error),
  );
}
