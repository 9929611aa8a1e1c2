import { execFile } from 'node:child_process';
import { type Socket, createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ed25519Key, rsaKey } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'dkim-cli-'));
const script = (name: string): string =>
  fileURLToPath(new URL(`../../../../cli/${name}.ts`, import.meta.url));
const keyFile = join(folder, 'key.pem');
const plain = 'From: a@b.example\nTo: x@y.example\nSubject: hi\n\nHello \n';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: string[], input: string | Buffer): Promise<Outcome> {
  const { npm_lifecycle_event: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(command, args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin!.end(input);
  });
}

const sign = (input: string, domain = 'b.example', key = keyFile) =>
  run(
    process.execPath,
    [script('sign'), '--domain', domain, '--selector', 'zero', '--key', key],
    input,
  );
const verify = (input: string, dns: string) =>
  run(process.execPath, [script('verify'), '--dns', dns], input);

/** An authoritative server that gives a CNAME alone where it has one, as across zones. */
const zone: Record<string, Answer> = {
  'zero._domainkey.b.example': {
    type: 'CNAME',
    name: 'zero._domainkey.b.example',
    ttl: 60,
    data: 'zero.host.example',
  },
  'zero.host.example': {
    type: 'TXT',
    name: 'zero.host.example',
    ttl: 60,
    data: [rsaKey.record.slice(0, 200), rsaKey.record.slice(200)],
  },
};
let server: Socket;
let dns: string;

beforeAll(async () => {
  writeFileSync(keyFile, rsaKey.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  server = createSocket('udp4', (octets, peer) => {
    const query = decode(octets);
    const question = query.questions![0]!;
    const answer = zone[question.name.toLowerCase()];
    const found =
      answer !== undefined && (answer.type === question.type || answer.type === 'CNAME');
    const rcode = answer === undefined ? 3 : 0;
    server.send(
      encode({
        type: 'response',
        id: query.id ?? 0,
        flags: 0x0400 | rcode,
        questions: [question],
        answers: found ? [answer] : [],
      }),
      peer.port,
      peer.address,
    );
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  dns = `127.0.0.1:${server.address().port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('what sign writes, verify passes, through a CNAME', async () => {
  const signed = await sign(plain);
  expect(signed).toMatchObject({ code: 0, stderr: '' });
  expect(signed.stdout).toMatch(
    /^DKIM-Signature: v=1;.*\r\nFrom: a@b.example\r\n.*\r\nMIME-Version: 1.0\r\n\r\nHello \r\n$/s,
  );
  const verified = await verify(signed.stdout, dns);
  expect(verified.stdout).toMatch(
    /^Authentication-Results: [^;]+;\r\n dkim=pass header\.d=b\.example header\.s=zero header\.a=rsa-sha256 header\.b="[^"]{8}"\r\n$/,
  );
  expect(verified.code).toBe(0);
});

test('verify exits with 1 on all but pass', async () => {
  const { stdout } = await sign(plain);
  const changed = await verify(stdout.replace('Hello', 'Jello'), dns);
  expect(changed).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('dkim=fail') as string,
  });
  const unsigned = await verify(plain, dns);
  expect(unsigned).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('dkim=none') as string,
  });
  const elsewhere = await verify(stdout.replace('s=zero', 's=none'), dns);
  expect(elsewhere).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('dkim=permerror') as string,
  });
  const unreachable = await verify(stdout, '127.0.0.1:1');
  expect(unreachable).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('dkim=temperror') as string,
  });
});

test.each([
  ['a message without From', 'To: x@y.example\n\nx', 'no From field'],
  ['a bare CR', 'From: a@b.example\n\nx\ry', 'CR without LF'],
  ['two readings of From', 'From: a@b.example <x@y.example>\n\nx', 'From cannot be read'],
])('sign refuses %s, and writes nothing', async (_title, message, why) => {
  expect(await sign(message)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(why) as string,
  });
});

test('sign refuses a key that is none, and options that are missing', async () => {
  expect(await sign(plain, 'b.example', join(folder, 'none'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('ENOENT') as string,
  });
  writeFileSync(join(folder, 'bad.pem'), 'nonsense');
  expect(await sign(plain, 'b.example', join(folder, 'bad.pem'))).toMatchObject({
    code: 1,
    stdout: '',
  });
  expect(await run(process.execPath, [script('sign')], plain)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('Usage') as string,
  });
});

test('sign takes an Ed25519 key, and warns of a domain that is not that of From', async () => {
  writeFileSync(
    join(folder, 'ed.pem'),
    ed25519Key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const signed = await sign(plain, 'other.example', join(folder, 'ed.pem'));
  expect(signed).toMatchObject({ code: 0, stderr: expect.stringContaining('DMARC') as string });
  expect(signed.stdout).toContain('a=ed25519-sha256');
});

test("npm's banner does not get into the file that sign writes", async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const out = join(folder, 'out.eml');
  const command = `cd '${root}' && npm run sign -- --domain b.example --selector zero --key '${keyFile}' > '${out}'`;
  expect(await run('sh', ['-c', command], plain)).toMatchObject({ code: 0 });
  expect(readFileSync(out, 'latin1')).toMatch(/^DKIM-Signature: /);
  expect(readFileSync(out)).not.toContain(0);
});
