import { IdentityQuotaFull, IdentityRefused, type Identity } from '#shared/app/ports/identities.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { Batch } from './batch.ts';
import { isOwn } from './next-step.ts';

const NEVER = new Date(0).toISOString();

/**
 * Makes an identity that SES does not know. The intent is stored first: it says after a crash that
 * the identity is our own. It is withdrawn where SES surely made nothing.
 *
 * @throws IdentityQuotaFull, IdentityRefused
 */
export async function makeIdentity(batch: Batch, domain: DomainName): Promise<Identity> {
  const { name } = batch.ports;
  const before = batch.identity(domain);
  const intent = await intend(batch, domain, before);
  let token: string;
  try {
    token = await batch.call((ses) => ses.verify(domain));
  } catch (error) {
    if (madeNothing(error)) await withdraw(batch, intent, before);
    throw error;
  }
  batch.ports.log({ kind: 'made', domain });
  if (intent.stage === 'making') await batch.ports.identities.addUsed(1);
  return batch.amend(domain, (identity) => {
    if (!isOwn(identity, name)) throw new Conflict(`the identity of ${domain}`);
    return made(identity, token, batch.now());
  });
}

/** Asks again for an identity that is ours or adopted. */
export async function verifyAgain(batch: Batch, domain: DomainName): Promise<Identity> {
  const token = await batch.call((ses) => ses.verify(domain));
  batch.ports.log({ kind: 'made', domain });
  return batch.amend(domain, (identity) => made(identity, token, batch.now()));
}

const made = (identity: Identity, token: string, now: Date): Identity => ({
  ...identity,
  stage: identity.stage === 'adopted' ? 'adopted' : 'made',
  status: 'preparing',
  token,
  requestedAt: now.toISOString(),
});

async function intend(
  batch: Batch,
  domain: DomainName,
  before: Identity | undefined,
): Promise<Identity> {
  const { name } = batch.ports;
  try {
    return await batch.put(
      {
        domain,
        stage: 'making',
        madeBy: name,
        status: 'preparing',
        requestedAt: batch.now().toISOString(),
        polledAt: NEVER,
      },
      before,
    );
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    // The turn of another claim of the domain came between: the identity is ours all the same.
    const stored = await batch.reread(domain);
    if (stored === undefined || !isOwn(stored, name) || stored.stage === 'removing') throw error;
    return stored;
  }
}

const madeNothing = (error: unknown): boolean =>
  error instanceof IdentityQuotaFull ||
  error instanceof IdentityRefused ||
  error instanceof Throttled;

async function withdraw(
  batch: Batch,
  intent: Identity,
  before: Identity | undefined,
): Promise<void> {
  if (intent.stage !== 'making') return;
  try {
    if (before === undefined || before.stage === 'making') await batch.delete(intent);
    else await batch.put(before, intent);
  } catch (error) {
    // Another turn goes on with it.
    if (!(error instanceof Conflict)) throw error;
  }
}
