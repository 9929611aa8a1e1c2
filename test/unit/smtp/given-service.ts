import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { apiKeyOf } from '#shared/core/model/api-key.ts';
import { tenantIdOf } from '#shared/core/model/names.ts';
import { envelopeRecipient } from '#shared/app/sending/envelope-recipients.ts';
import { selfSigned } from '../../../local/aws/self-signed.ts';
import { limitsOf, type SmtpLimits } from '../../../smtp/limits.ts';
import type { Accepted, ReceivedMail, SignIn, SmtpPorts } from '../../../smtp/ports.ts';
import { smtpService } from '../../../smtp/server.ts';
export const tenantOf = (seed: number) => tenantIdOf(new Uint8Array(16).fill(seed));
export const key = (seed: number): string => apiKeyOf(new Uint8Array(32).fill(seed));

const certificate = selfSigned(['localhost']);

/** An SMTP server on any ports, whose ports a test may replace; keys of seed 1 to 9 are good. */
export async function givenService(
  replaced: Partial<SmtpPorts> = {},
  limits: Partial<SmtpLimits> = {},
) {
  const received: ReceivedMail[] = [];
  const failures: { during: string; error: unknown }[] = [];
  const spool = await mkdtemp(join(tmpdir(), 'smtp-'));
  const ports: SmtpPorts = {
    signIn: async (given): Promise<SignIn> => {
      const seed = Array.from({ length: 9 }, (_, index) => index + 1).find(
        (each) => key(each) === given,
      );
      return seed === undefined
        ? { kind: 'refused', reason: 'The API key is not known.' }
        : { kind: 'ok', identity: { tenant: tenantOf(seed), strict: false } };
    },
    recipient: envelopeRecipient,
    checkHeader: async () => undefined,
    submit: async (mail): Promise<Accepted> => {
      received.push(mail);
      return { id: `m_${received.length}`, repairs: 0 };
    },
    ...replaced,
  };
  const service = smtpService(ports, {
    host: 'smtp.example',
    certificate,
    limits: { ...limitsOf(1_000_000), failedSignInDelayMs: 1, ...limits },
    spool,
    log: {
      accepted: () => undefined,
      refused: () => undefined,
      failed: ({ during }, error) => failures.push({ during, error }),
    },
  });
  const listening = await service.listen({ starttls: 0, tls: 0 }, '127.0.0.1');
  onTestFinished(async () => {
    await service.drain(100);
    await rm(spool, { recursive: true });
  });
  return { service, received, failures, spool, ...listening };
}
