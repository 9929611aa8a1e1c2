import type { NoteKeyUse } from '#shared/app/note-key-use.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import {
  requireSendPermission,
  requireWithin,
  sendRequestOf,
} from '#shared/app/sending/authorize.ts';
import { envelopeRecipient } from '#shared/app/sending/envelope-recipients.ts';
import { submitMail, type SubmitPorts } from '#shared/app/sending/submit.ts';
import { hashApiKey } from '#shared/core/model/api-key.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { hasExpired, isInRanges } from '#shared/core/model/key-binding.ts';
import { scopesNamed } from '#shared/core/model/scopes.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
import { parseHeader } from '#shared/core/mail/parse.ts';
import type { Identity, SignIn, SmtpPorts } from './ports.ts';

export interface SubmissionPorts extends SubmitPorts {
  readonly tenants: Pick<TenantStore, 'keyByHash' | 'stateOf'>;
  readonly noteKeyUse: NoteKeyUse;
}

/** The service behind the SMTP server: the use case that all submission channels share. */
export function smtpSubmission(ports: SubmissionPorts): SmtpPorts {
  return {
    signIn: (key, address) => signIn(ports, key, address),

    recipient: envelopeRecipient,

    async checkHeader(identity, octets) {
      const header = parseHeader(octets);
      // What a repair may cure is judged with the whole mail.
      const sender = senderOf(header);
      if (!authorOf(header).ok || (sender !== undefined && !sender.ok)) return undefined;
      try {
        const sendRequest = sendRequestOf(header);
        requireWithin(sendRequest, identity.domains);
        await requireSendPermission(ports, { tenant: identity.tenant, ...sendRequest });
        return undefined;
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
    },

    async submit({ identity: { tenant, strict, domains }, raw, recipients }) {
      const { id, repairs } = await submitMail(ports, {
        tenant,
        channel: 'smtp',
        raw,
        recipients,
        strict,
        domains,
        isKnownByContent: true,
      });
      return { id, repairs: repairs.length };
    },
  };
}

async function signIn(
  { tenants, noteKeyUse, clock }: Pick<SubmissionPorts, 'tenants' | 'noteKeyUse' | 'clock'>,
  given: string,
  address: string,
): Promise<SignIn> {
  const key = await tenants.keyByHash(hashApiKey(given));
  if (key === undefined) return refused('The API key is not known to this service.');
  if (key.revokedAt !== undefined) return refused('The API key was revoked.');
  if (hasExpired(key, clock.now())) return refused('The API key had an end, which is past.');
  if (key.addresses !== undefined && !isInRanges(address, key.addresses)) {
    return refused(`The API key is not for use from ${address}.`);
  }
  if (!scopesNamed(key.scopes).includes('messages:send')) {
    return refused('The API key may not send mail; it lacks the scope messages:send.');
  }
  await noteKeyUse(key.hash, key.tenant, address);
  const { tenant, strict, domains } = key;
  const identity: Identity = {
    tenant,
    strict: strict === true,
    ...(domains === undefined ? {} : { domains }),
  };
  const { status } = (await tenants.stateOf(tenant)) ?? activeState;
  return status === 'active' ? { kind: 'ok', identity } : { kind: status, identity };
}

const refused = (reason: string): SignIn => ({ kind: 'refused', reason });
