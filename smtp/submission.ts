import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { requireSendPermission, sendRequestOf } from '#shared/app/sending/authorize.ts';
import { envelopeRecipient } from '#shared/app/sending/envelope-recipients.ts';
import { submitMail, type SubmitPorts } from '#shared/app/sending/submit.ts';
import { hashApiKey } from '#shared/core/model/api-key.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
import { parseHeader } from '#shared/core/mail/parse.ts';
import type { Identity, SignIn, SmtpPorts } from './ports.ts';

export interface SubmissionPorts extends SubmitPorts {
  readonly tenants: Pick<TenantStore, 'keyByHash' | 'stateOf'>;
}

/** The service behind the SMTP server: the use case that all submission channels share. */
export function smtpSubmission(ports: SubmissionPorts): SmtpPorts {
  return {
    signIn: async (key) => signIn(ports, key),

    recipient: envelopeRecipient,

    async checkHeader(identity, octets) {
      const header = parseHeader(octets);
      // What a repair may cure is judged with the whole mail.
      const sender = senderOf(header);
      if (!authorOf(header).ok || (sender !== undefined && !sender.ok)) return undefined;
      try {
        await requireSendPermission(ports, { tenant: identity.tenant, ...sendRequestOf(header) });
        return undefined;
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
    },

    async submit({ identity: { tenant, strict }, raw, recipients }) {
      const { id, repairs } = await submitMail(ports, {
        tenant,
        channel: 'smtp',
        raw,
        recipients,
        strict,
        isKnownByContent: true,
      });
      return { id, repairs: repairs.length };
    },
  };
}

async function signIn({ tenants }: Pick<SubmissionPorts, 'tenants'>, key: string): Promise<SignIn> {
  const stored = await tenants.keyByHash(hashApiKey(key));
  if (stored === undefined) return refused('The API key is not known to this service.');
  if (stored.revokedAt !== undefined) return refused('The API key was revoked.');
  if (!stored.scopes.includes('messages')) {
    return refused('The API key may not send mail; it lacks the scope messages.');
  }
  const identity: Identity = { tenant: stored.tenant, strict: stored.strict === true };
  const { status } = (await tenants.stateOf(stored.tenant)) ?? activeState;
  return status === 'active' ? { kind: 'ok', identity } : { kind: status, identity };
}

const refused = (reason: string): SignIn => ({ kind: 'refused', reason });
