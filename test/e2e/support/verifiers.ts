import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** One verifier's results for the signature of a domain on each message, in the order given. */
export type Verdicts = string[];

/**
 * A verifier of other people's, asked for the signature of `domain`; it queries our DNS server for
 * keys.
 */
export type Verifier = (messages: readonly Buffer[], domain: string) => Promise<Verdicts>;

interface MailauthResult {
  results: { signingDomain: string; status: { result: string; comment?: string } }[];
}

export function mailauth(dnsPort: number): Verifier {
  const { dkimVerify } = require('mailauth/lib/dkim/verify') as {
    dkimVerify: (raw: Buffer, options: object) => Promise<MailauthResult>;
  };
  const resolver = new dns.promises.Resolver();
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  const options = { resolver: (name: string, type: string) => resolver.resolve(name, type) };
  return (messages, domain) =>
    Promise.all(
      messages.map(async (raw) => {
        const { results } = await dkimVerify(raw, options);
        const ours = results.filter((result) => result.signingDomain === domain);
        if (ours.length !== 1) return `${ours.length} signatures of ${domain}`;
        return ours[0]!.status.result === 'pass' ? 'pass' : JSON.stringify(ours[0]!.status);
      }),
    );
}

/** Haraka's verifier asks Node's own resolver, so that is pointed at our DNS server meanwhile. */
export function haraka(dnsPort: number): Verifier {
  const { DKIMVerifyStream } = require('haraka-plugin-dkim/lib/dkim.js') as {
    DKIMVerifyStream: new (
      options: object,
      done: (
        error: Error | null,
        result: unknown,
        results: { domain: string; result: string; error?: string }[],
      ) => void,
    ) => NodeJS.WritableStream;
  };
  return async (messages, domain) => {
    const before = dns.getServers();
    dns.setServers([`127.0.0.1:${dnsPort}`]);
    // Haraka logs every step to the console.
    const { debug } = console;
    console.debug = () => {};
    try {
      const verdicts: Verdicts = [];
      for (const raw of messages) {
        verdicts.push(
          await new Promise<string>((resolve, reject) => {
            const stream = new DKIMVerifyStream({ timeout: 5 }, (error, _result, results) => {
              if (error) return reject(error);
              const ours = (results ?? []).find((result) => result.domain === domain);
              return resolve(
                ours === undefined
                  ? 'no signature'
                  : ours.result === 'pass'
                    ? 'pass'
                    : JSON.stringify(ours),
              );
            });
            stream.write(raw);
            stream.end();
          }),
        );
      }
      return verdicts;
    } finally {
      console.debug = debug;
      dns.setServers(before);
    }
  };
}

/** The records of a domain's keys, by name, as our DNS server has them. */
export async function keysOf(dnsPort: number, domain: string): Promise<Record<string, string>> {
  const resolver = new dns.promises.Resolver();
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  const records: Record<string, string> = {};
  for (const selector of ['zero', 'one', 'two']) {
    const name = `${selector}._domainkey.${domain}`;
    // A name that leads nowhere, or to several records, has no key.
    const found = await resolver.resolveTxt(name).catch(() => []);
    if (found.length === 1) records[name] = found[0]!.join('');
  }
  return records;
}

const dkimpyScript = `
import json, sys, time, dkim, dkim.dnsplug
spec = json.load(sys.stdin)
time.time = lambda: spec["time"]
def lookup(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    value = spec["records"].get(name.rstrip("."))
    return value.encode() if value is not None else None
for path in spec["files"]:
    raw = open(path, "rb").read()
    verdict = "no signature"
    d = dkim.DKIM(raw)
    signatures = [h for h in d.headers if h[0].lower() == b"dkim-signature"]
    for index, (_, value) in enumerate(signatures):
        tags = dkim.util.parse_tag_value(value)
        if tags[b"d"].decode() != spec["domain"]: continue
        try:
            verdict = "pass" if dkim.DKIM(raw).verify(idx=index, dnsfunc=lookup) else "fail"
        except Exception as error:
            verdict = repr(error)
    print(json.dumps(verdict))
`;

/**
 * dkimpy, where Debian's python3-dkim is installed; undefined where it is not. It is given this
 * process's time, which a movable clock may have moved.
 */
export async function dkimpy(dnsPort: number): Promise<Verifier | undefined> {
  const installed = await run('/usr/bin/python3', ['-c', 'import dkim']).then(
    () => true,
    () => false,
  );
  if (!installed) return undefined;
  return async (messages, domain) => {
    const records = await keysOf(dnsPort, domain);
    const folder = await mkdtemp(join(tmpdir(), 'dkimpy-'));
    try {
      const files = await Promise.all(
        messages.map(async (raw, index) => {
          const file = join(folder, `${index}.eml`);
          await writeFile(file, raw);
          return file;
        }),
      );
      const child = run('/usr/bin/python3', ['-c', dkimpyScript], { maxBuffer: 64 << 20 });
      const time = Math.floor(Date.now() / 1_000);
      child.child.stdin!.end(JSON.stringify({ files, records, domain, time }));
      const { stdout } = await child;
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
