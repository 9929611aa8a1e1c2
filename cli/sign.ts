import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { inspectMessage } from '#shared/core/mail/inspect.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { CommandError, readArguments, runCommand } from './command.ts';
import { readInput, writeOutput } from './standard-streams.ts';

const USAGE = `Usage: npm run sign -- --domain D --selector S --key key.pem < in.eml > out.eml

Signs a message as the service does: line ends made CRLF, what Amazon SES writes itself and older
signatures stripped, MIME-Version supplied, relaxed/relaxed. The key is PEM, RSA or Ed25519.`;

const options = {
  domain: { type: 'string' },
  selector: { type: 'string' },
  key: { type: 'string' },
} as const;

async function run(): Promise<void> {
  const { domain, selector, key } = readArguments(USAGE, options).values;
  if (domain === undefined || selector === undefined || key === undefined) {
    throw new CommandError(USAGE);
  }
  const inspection = inspectMessage(await readInput());
  if (!inspection.ok) throw new CommandError(inspection.refusal.detail);
  const author = authorOf(inspection.message.header);
  if (!author.ok) throw new CommandError(author.refusal.detail);
  if (author.domain !== domain && !author.domain.endsWith(`.${domain}`)) {
    console.error(
      `From is of ${author.domain}: a signature of ${domain} does not count for its DMARC.`,
    );
  }
  const message = prepareForSes(inspection.message);
  const signature = signMessage(message, {
    domain,
    selector,
    key: createPrivateKey(readFileSync(key)),
    profile: sesProfile,
    time: Date.now() / 1_000,
  });
  writeOutput(assemble(signature, message));
}

await runCommand(run, (error) => (error instanceof Error ? error.message : error));
