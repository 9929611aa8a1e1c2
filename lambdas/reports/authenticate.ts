import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { txtResolver } from '#shared/adapters/dns/txt-resolver.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { parseHeader } from '#shared/core/mail/parse.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { reporterOf } from '#shared/core/reports/reporters.ts';
import type { ReceivedMail } from './decode.ts';

/** DNS did not answer what would prove the reporter; to be tried again. */
export class ReporterUnknown extends Error {
  constructor(author: string) {
    super(`DNS did not answer for the key that the report from ${author} is signed with`);
    this.name = 'ReporterUnknown';
  }
}

/**
 * The reporter that a mail is proven to come from, by its own DKIM signature or by SPF.
 *
 * @param time seconds since 1970-01-01 UTC
 * @throws ReporterUnknown where only DNS's silence keeps it from being proven
 */
export async function authenticate(
  raw: Buffer,
  { source, spfPassed }: Pick<ReceivedMail, 'source' | 'spfPassed'>,
  reporters: readonly string[],
  resolver: Pick<Resolver, 'lookup'>,
  time: number,
): Promise<string | undefined> {
  const author = authorOf(parseHeader(raw));
  if (!author.ok) return undefined;
  const from = author.addresses.map((address) => address.toLowerCase());
  const sentBy = spfPassed
    ? source.slice(source.lastIndexOf('@') + 1).toLowerCase() || undefined
    : undefined;
  const results = await verifyMessage(raw, txtResolver(resolver), time);
  // With `l=` anything may follow what was signed: a report, say.
  const whole = results.flatMap(({ result, signature }) =>
    signature !== undefined && signature.bodyLength === undefined
      ? [{ result, domain: signature.domain }]
      : [],
  );
  const prove = (accepted: readonly string[]) =>
    reporterOf(
      {
        from,
        signedBy: whole.filter((one) => accepted.includes(one.result)).map(({ domain }) => domain),
        sentBy,
      },
      reporters,
    );
  const proven = prove(['pass']);
  if (proven === undefined && prove(['pass', 'temperror']) !== undefined) {
    throw new ReporterUnknown(from.join(', '));
  }
  return proven;
}
