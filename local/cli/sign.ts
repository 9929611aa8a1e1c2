import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { inspectMessage } from '#shared/core/mail/inspect.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { readInput, writeOutput } from './standard-streams.ts';

const USAGE = `Usage: npm run sign -- --domain D --selector S --key key.pem < in.eml > out.eml

Signs a message as the service does: line ends made CRLF, what Amazon SES writes itself and older
signatures stripped, MIME-Version supplied, relaxed/relaxed. The key is PEM, RSA or Ed25519.`;

/** A reason not to sign, for the person at the terminal. */
class Refused extends Error {}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { domain: { type: 'string' }, selector: { type: 'string' }, key: { type: 'string' } },
  });
  const { domain, selector, key } = values;
  if (domain === undefined || selector === undefined || key === undefined) throw new Refused(USAGE);
  const inspection = inspectMessage(await readInput());
  if (!inspection.ok) throw new Refused(inspection.refusal.detail);
  const author = authorOf(inspection.message.header);
  if (!author.ok) throw new Refused(author.refusal.detail);
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

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
