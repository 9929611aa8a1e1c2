import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { kmsClient } from '#shared/adapters/aws/key-forge.ts';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import { publicKeyRecords } from '#shared/core/domain-connect/public-key.ts';
import { keyName, type DomainConnectService } from '#shared/core/domain-connect/service.ts';
import { domainConnectTemplate, templateFileName } from '#shared/core/domain-connect/template.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where } from './connection.ts';
import { readSettings, type Settings } from './settings.ts';

const usage = `Usage: npm run domain-connect -- COMMAND

  template [--version N]   prints the template of the service, to be submitted to DNS providers;
                           raise the version (default 1) with every change of one that they have
  key [--state DIR] [--aws]
                           publishes the key by which providers verify links, in the service's zone

The settings are domainConnect in cdk.json, or in the file that SENDER_DOMAINS_CONFIG names. The key
is that of the local run where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, it is that of the deployment, and the AWS credentials in the
environment are used.`;

/** Seconds: providers ask again for each link, and a key that was replaced shall not linger. */
const TTL = 300;

/** @throws CommandError where Domain Connect is off */
function readConnectSettings(
  configFile?: string,
): Settings & { readonly domainConnect: DomainConnectService } {
  const settings = readSettings(configFile);
  const { domainConnect } = settings;
  if (domainConnect === null) {
    throw new CommandError(
      'Domain Connect is off: give domainConnect in cdk.json first (docs/deploy.md says what it holds).',
    );
  }
  return { ...settings, domainConnect };
}

/**
 * `npm run domain-connect -- key`: publishes the public half of the key that links are signed with.
 *
 * @returns the name and the texts of its TXT records
 * @throws CommandError
 */
export async function publishKey(where: Where = {}): Promise<{ name: string; texts: string[] }> {
  const local = localRun(where);
  const { deployment, domainConnectKeyAlias } = readConnectSettings(local?.configFile);
  const config = local?.client ?? {};
  const kms = kmsClient({ region: deployment.region, ...config });
  const route53 = route53Client(config);
  try {
    const { PublicKey: spki } = await kms.send(
      new GetPublicKeyCommand({ KeyId: domainConnectKeyAlias }),
    );
    if (spki === undefined) throw new Error('KMS answered without the public key');
    const name = keyName(deployment.zone);
    const texts = publicKeyRecords(spki);
    // The deployment's own zone, not one of its shards, is found by its name all the same.
    await route53Zone(route53).submit(deployment.zone as string as ShardName, [
      { action: 'UPSERT', record: { name, type: 'TXT', ttl: TTL, values: texts } },
    ]);
    return { name, texts };
  } finally {
    kms.destroy();
    route53.destroy();
  }
}

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  version: { type: 'string' },
} as const;

function printTemplate(version: string): void {
  if (!/^[1-9]\d{0,8}$/.test(version)) {
    throw new CommandError(`--version ${version} cannot be used; give a whole number from 1 on.`);
  }
  const { deployment, domainConnect } = readConnectSettings();
  const template = domainConnectTemplate(deployment, domainConnect, Number(version));
  console.log(JSON.stringify(template, null, 4));
  console.error(`\nSubmit it as ${templateFileName(domainConnect)}.`);
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 1);
  const [command] = positionals;
  if (command === 'template') return printTemplate(values.version ?? '1');
  if (command !== 'key') throw new CommandError(usage);
  const { name, texts } = await publishKey(values);
  console.log(`Published at ${name}:`);
  for (const text of texts) console.log(`  ${text}`);
}

if (import.meta.main) await runCommand(main, wordsOf);
