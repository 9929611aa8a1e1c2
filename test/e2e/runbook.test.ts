import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

const text = readFileSync('docs/operate.md', 'utf8');

/** Every command that the runbook names: the lines of its shell examples, and those in its sentences. */
const named: readonly string[] = [
  ...new Set([
    ...[...text.matchAll(/^```sh\n([^]+?)^```/gm)].flatMap(([, block = '']) =>
      block
        .replaceAll(/\\\n\s*/g, '')
        .split('\n')
        .map((line) => line.replace(/ +# .*$/, '').trim()),
    ),
    ...[...text.matchAll(/`((?:npm run|npx|aws|dig|sh) [^`]+)`/g)].map(([, line = '']) => line),
  ]),
].filter((line) => line !== '' && !line.startsWith('#'));

/** What the local run has no part in, by the beginning of the command, with the reason. */
const elsewhere: Readonly<Record<string, string>> = {
  'npx cdk': 'Starting the local run deploys the templates.',
  'sh adopt/adopt.sh': 'CloudFormation; a test of adopt says what is in it.',
  'aws cloudformation': 'CloudFormation, by adopt.sh.',
  'aws scheduler':
    'The local run has schedules, and not the API of the service; test/infra/silence.test.ts disables each.',
  'dig ': 'It asks public DNS; other tests ask the local server by the same names.',
  'npm run test:drill': 'It is a test of its own.',
};

const isElsewhere = (line: string): boolean =>
  Object.keys(elsewhere).some((beginning) => line.startsWith(beginning));

/** What commands leave open, as an operator fills it in, and what they are to print. */
const rehearsals: Readonly<Record<string, { readonly as?: string; readonly prints: RegExp }>> = {
  'npm run rotation -- status': { prints: /./ },
  'npm run tenant -- limits "First customer" claims-hour=500 recipients-day=200000 --aws --table TENANTS_TABLE --budgets-table BUDGETS_TABLE':
    { prints: /claims-hour.*500/ },
  'npm run tenant -- limits "First customer" claims-hour=default ...': {
    as: 'npm run tenant -- limits "First customer" claims-hour=default --aws',
    prints: /recipients-day/,
  },
  'npm run tenant -- limits "First customer" ...': {
    as: 'npm run tenant -- limits "First customer" --aws',
    prints: /recipients-day/,
  },
  'npm run restore -- --aws --to 2026-11-30T12:00:00Z --check': {
    as: 'npm run restore -- --aws --to COPIED_AT --check',
    prints: /happened since|since\./,
  },
  'npm run restore -- --aws --to 2026-11-30T12:00:00Z --out restored.json': {
    as: 'npm run restore -- --aws --to COPIED_AT --out FOLDER/restored.json',
    prints: /"claims": \{/,
  },
  'npm run tenant -- revoke ... --table TABLE': {
    as: 'npm run tenant -- revoke API_KEY --aws --table TENANTS_TABLE',
    prints: /./,
  },
  'npm run doctor -- --aws': { prints: /./ },
  'npm run ops -- adopt --aws': {
    as: 'npm run ops -- adopt --aws --out FOLDER/adopt',
    prints: /alias\/sender-domains-wrapping/,
  },
  'npm run ops -- adopt': {
    as: 'npm run ops -- adopt --aws --out FOLDER/adopt',
    prints: /adopt\.sh/,
  },
  'npm run ops -- messages redrive': {
    as: 'npm run ops -- messages redrive MESSAGE --tenant TENANT --aws',
    prints: /./,
  },
  'npm run ops -- dead-letters': { prints: /./ },
  'npm run ops -- audit seal': {
    as: 'npm run ops -- audit seal TENANT --aws',
    prints: /./,
  },
  'npm run ops -- dead-letters show outbound-dead-letters --aws': { prints: /./ },
  'npm run ops -- dead-letters redrive outbound-dead-letters --aws': { prints: /./ },
  'npm run identity -- list': { prints: /./ },
  'npm run identity -- adopt DOMAIN': {
    as: 'npm run identity -- adopt foreign.example',
    prints: /./,
  },
  'npm run rotation -- emergency --all': { prints: /./ },
  'npm run rotation -- step-back --period 2026-11': { prints: /./ },
  'npm run rotation -- resume': { prints: /./ },
  'npm run ops -- invoke reconciler --aws': { prints: /reconciler has run/ },
  [`npm run ops -- invoke rotation-planner --payload '{"task":"start","scheduledTime":"2026-11-01T03:00:00Z"}' --aws`]:
    { prints: /rotation-planner has run/ },
  'aws ses get-identity-mail-from-domain-attributes': {
    as: 'aws ses get-identity-mail-from-domain-attributes --identities runbook.example',
    prints: /bounces\.runbook\.example/,
  },
  'aws ses describe-active-receipt-rule-set': { prints: /sender-domains/ },
  'aws dynamodb get-item --table-name <name>-exit-rates --key \'{"exit": {"S": "Amazon SES"}}\'': {
    prints: /"rate"/,
  },
};

test('every command of the runbook has a rehearsal, and no other', () => {
  expect(named.filter((line) => !isElsewhere(line)).toSorted()).toEqual(
    Object.keys(rehearsals).toSorted(),
  );
});

const hasAwsCli = (() => {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(
      '*** NO AWS CLI: the commands of the runbook that begin with aws are left out. ***',
    );
    return false;
  }
})();

let service: Service;
let folder: string;
/** By the words in capitals, what they mean here. */
let values: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-'));
  service = await startService();
  await service.newTenant('First customer');
  await onboard(service, service.api, 'runbook.example');
  const { body } = await service.api.send(
    'From: Ann <ann@runbook.example>\r\nTo: success@simulator.amazonses.com\r\nSubject: Hi\r\n\r\nHello.\r\n',
  );
  await until(
    'the mail',
    () => service.api.message(body.id),
    ({ body: { status } }) => status === 'delivered',
    60,
  );
  await givenForeignIdentity('foreign.example');
  await service.api.claim('foreign.example');
  await service.local.takeCopy();
  const { tables } = service.local.endpoints.aws;
  values = {
    TENANTS_TABLE: tables['tenants']!,
    BUDGETS_TABLE: tables['budgets']!,
    COPIED_AT: new Date().toISOString(),
    FOLDER: folder,
    MESSAGE: body.id,
    TENANT: await service.ownTenant(),
    API_KEY: service.local.endpoints.apiKey,
    '<name>': 'sender-domains',
  };
});
afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true });
});

/** Makes an identity at SES, as another system of the account does. */
async function givenForeignIdentity(domain: string): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = service.local.endpoints.aws;
  const ses = new SESClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  await ses.send(new VerifyDomainIdentityCommand({ Domain: domain }));
  ses.destroy();
}

/** Runs a command as it is written, on the local run. */
function run(line: string): Promise<{ readonly status: number; readonly printed: string }> {
  const { endpoint, region, accessKeyId, secretAccessKey } = service.local.endpoints.aws;
  const filled = Object.entries(values).reduce(
    (all, [word, value]) => all.replaceAll(new RegExp(`${word}(?![A-Z_])`, 'g'), value),
    line,
  );
  // Versions of the AWS CLI before 1.29 and 2.13, such as Debian's, take no endpoint from a variable.
  const local = line.startsWith('aws')
    ? filled.replace(/^aws /, `aws --endpoint-url ${endpoint} `)
    : filled.replace(/ --aws\b/, '') + ` --state ${service.stateDir}`;
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', local.replace(/^npm run /, 'npm run -s ')],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: region,
          AWS_DEFAULT_REGION: region,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
        },
      },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), printed: stdout + stderr }),
    );
  });
}

/** What ends the sign-in of the service's own tenant comes last. */
const inOrder = Object.entries(rehearsals).toSorted(
  ([a], [b]) => Number(a.includes('-- revoke')) - Number(b.includes('-- revoke')),
);

test.each(inOrder.filter(([line]) => hasAwsCli || !line.startsWith('aws')))(
  '%s',
  async (line, { as = line, prints }) => {
    const { status, printed } = await run(as);

    // doctor ends with 1 where it finds something, as in the sandbox of the local run.
    expect({ status: line.includes('doctor') ? 0 : status, printed }).toEqual({
      status: 0,
      printed: expect.stringMatching(prints) as unknown,
    });
  },
);
