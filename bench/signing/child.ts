// Signs one message in a process of its own: `child SUBJECT MESSAGE KEY TIMES`. Prints JSON: the milliseconds that
// loading the signer and its first signature took, and the peak of memory after all of them, in octets.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [subject, messageFile, keyFile, times] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];

type Sign = (message: Buffer, pem: string) => unknown;

/** Loads a signer the way a program that uses it would. */
const loaders: Record<string, () => Promise<Sign>> = {
  'sender-domains': async () => {
    const { parseMessage } = await import('#shared/core/mail/parse.ts');
    const { signMessage } = await import('#shared/core/dkim/sign.ts');
    const { sesProfile } = await import('#shared/core/dkim/profile.ts');
    return (message, pem) =>
      signMessage(parseMessage(message), {
        domain: 'example.com',
        selector: 'zero',
        key: createPrivateKey(pem),
        profile: sesProfile,
        time: Date.now() / 1_000,
      });
  },
  mailauth: async () => {
    const { dkimSign } = await import('mailauth/lib/dkim/sign.js');
    return async (message, pem) => {
      const entry = { signingDomain: 'example.com', selector: 'zero', privateKey: pem };
      const { signatures } = await dkimSign(message, { ...entry, signatureData: [entry] });
      if (signatures === '') throw new Error('mailauth gave no signature');
    };
  },
  nodemailer: async () => {
    const { default: DKIM } = await import('nodemailer/lib/dkim');
    return async (message, pem) => {
      const output = new DKIM({
        domainName: 'example.com',
        keySelector: 'zero',
        privateKey: pem,
      }).sign(message);
      for await (const chunk of output) if (chunk === null) throw new Error('no output');
    };
  },
  // the work at the limit: Node, the message, its hash and a signature
  limit: async () => {
    const { hash, sign } = await import('node:crypto');
    return (message, pem) => [
      hash('sha256', message, 'base64'),
      sign('sha256', Buffer.alloc(700), createPrivateKey(pem)),
    ];
  },
  'node alone': () => Promise.resolve(() => undefined),
};

/**
 * The peak of this program's memory. Not `resourceUsage().maxRSS`: Linux carries that over from the
 * process that started this one, so it would show the bench's own memory.
 */
function peakOctets(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kilobytes === undefined) {
    throw new Error('/proc/self/status has no VmHWM; peak memory is measured on Linux only.');
  }
  return Number(kilobytes) * 1_024;
}

const start = performance.now();
const sign = await loaders[subject]!();
const loaded = performance.now();
const message = subject === 'node alone' ? Buffer.alloc(0) : readFileSync(messageFile);
const pem = readFileSync(keyFile, 'utf8');
const before = performance.now();
await sign(message, pem);
const signed = performance.now();
for (let i = 1; i < Number(times); i += 1) await sign(message, pem);
console.log(
  JSON.stringify({
    load: loaded - start,
    first: signed - before,
    peak: peakOctets(),
  }),
);
