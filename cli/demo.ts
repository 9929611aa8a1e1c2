import dns from 'node:dns';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { customerDnsOf } from '../local/runtime/stand-ins.ts';
import { CommandError, folderOf, readArguments, runCommand, stateOption } from './command.ts';
import { startLocal, type LocalRun } from './service/run.ts';

const USAGE = `Usage: npm run demo -- [--state DIR]

Plays the whole story in a fresh local run, each step with its proof. It ends with a signature that
a library of others verifies, with the key it finds through our DNS server by way of the customer's
CNAME. The run's state is removed at the end; with --state it stays in DIR, which must be empty.`;

interface Domain {
  status: string;
  sending: string;
  records: { id: string; name: string; type: string; value: string; status: string }[];
}

const domain = 'example.com';

await runCommand(async () => {
  const { state } = readArguments(USAGE, stateOption).values;
  const stateDir =
    state === undefined
      ? await mkdtemp(join(tmpdir(), 'sender-domains-demo-'))
      : await emptyFolder(folderOf(state));
  step('Start the service: synthesize the CDK app and run its templates on this machine');
  const local = await startLocal({ stateDir, quiet: true, fast: true });
  try {
    await explain(local);
  } finally {
    await local.stop();
    if (state === undefined) await rm(stateDir, { recursive: true, force: true });
  }
});
// The verifier's DNS client keeps nothing open, but a half-closed keep-alive socket would hold the exit.
process.exit();

/** @throws CommandError where there is something in the folder */
async function emptyFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return folder;
  throw new CommandError(`${folder} is not empty: the demo needs a folder of its own.`);
}

async function explain({ endpoints, stateDir, readyMilliseconds }: LocalRun): Promise<void> {
  const { api, apiKey, dns: server, outbox } = endpoints;
  const resolver = new dns.promises.Resolver();
  resolver.setServers([`${server.host}:${server.port}`]);
  const call = caller(api, apiKey);
  const domainDocument = async (): Promise<Domain> =>
    JSON.parse(await call('GET', `/v1/domains/${domain}`)) as Domain;
  proof(
    `API ${api}, DNS ${server.host}:${server.port}, ready after ${(readyMilliseconds / 1000).toFixed(1)} s`,
  );

  step(`A customer claims ${domain}`);
  await call('POST', '/v1/domains', { json: { name: domain } });
  const claimed = await until(
    () => domainDocument(),
    ({ records }) => records.every(({ value }) => value !== ''),
  );
  for (const { name, type, value } of claimed.records) {
    proof(`${name.padEnd(32)} ${type.padEnd(6)} ${value}`);
  }

  step('Our DNS answers for what those records point at, before the customer has done anything');
  const target = claimed.records.find(({ id }) => id === 'dkim-zero')!.value.replace(/\.$/, '');
  const key = await until(
    () => txt(resolver, target),
    (values) => values.length === 1,
  );
  proof(`${target} TXT "${key[0]!.slice(0, 60)}..."`);
  proof(
    `zero._domainkey.${domain}: ${(await txt(resolver, `zero._domainkey.${domain}`)).length} answers: not in place yet`,
  );

  step("The customer's records are put in place: the bind export becomes the zone file");
  const zone = await call('GET', `/v1/domains/${domain}/records?format=bind`);
  await writeFile(join(customerDnsOf(stateDir), `${domain}.zone`), zone);
  const cnames = await until(
    () => resolver.resolveCname(`zero._domainkey.${domain}`).catch(() => []),
    (values) => values.length === 1,
  );
  proof(`zero._domainkey.${domain} CNAME ${cnames[0]}`);

  step('Check: DNS decides who holds the domain');
  const checked = await until(
    () => call('POST', `/v1/domains/${domain}/checks`).then((text) => JSON.parse(text) as Domain),
    ({ status, sending }) => status === 'verified' && sending === 'ready',
  );
  for (const { id, status } of checked.records) proof(`${id.padEnd(16)} ${status}`);
  proof(`status ${checked.status}, sending ${checked.sending}`);

  step('Send a mail');
  const raw = `From: Ann <ann@${domain}>\r\nTo: success@simulator.amazonses.com\r\nSubject: Hello\r\n\r\nHello from the demo.\r\n`;
  const { id } = JSON.parse(
    await call('POST', '/v1/messages', { body: raw, type: 'message/rfc822' }),
  ) as { id: string };
  await until(
    () => call('GET', `/v1/messages/${id}`).then((text) => JSON.parse(text) as { status: string }),
    ({ status }) => status === 'delivered',
  );
  proof(`message ${id}: delivered`);

  step('Verify the signature with mailauth, on what SES was given and on what SES delivers');
  for (const file of (await readdir(outbox)).sort()) {
    const eml = await readFile(join(outbox, file));
    const { results } = await dkimVerify(eml, {
      resolver: (name) => resolver.resolveTxt(name),
    });
    const ours = results.filter((result) => result.signingDomain === domain);
    if (ours.length !== 1 || ours[0]!.status.result !== 'pass') {
      throw new Error(`${file}: ${JSON.stringify(results.map((result) => result.status))}`);
    }
    proof(`${file}: dkim=pass header.d=${ours[0]!.signingDomain} header.s=${ours[0]!.selector}`);
  }
  console.log(
    '\nThe whole story, proven. The tour in README.md does the same by hand with npm start.',
  );
}

function step(text: string): void {
  console.log(`\n\u25b8 ${text}`);
}

function proof(text: string): void {
  console.log(`    ${text}`);
}

interface Sent {
  readonly json?: unknown;
  readonly body?: string;
  readonly type?: string;
}

/** Calls of the API by this key. They throw on an answer that is none of success. */
function caller(api: string, apiKey: string) {
  return async (method: string, path: string, { json, body, type }: Sent = {}): Promise<string> => {
    const content = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(content === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text;
  };
}

async function txt(resolver: dns.promises.Resolver, name: string): Promise<string[]> {
  return resolver.resolveTxt(name).then(
    (records) => records.map((strings) => strings.join('')),
    () => [],
  );
}

/** Polls for up to 30 s. */
async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ;) {
    const value = await read();
    if (done(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`did not come about in 30 s: ${JSON.stringify(value)}`);
    await sleep(200);
  }
}
