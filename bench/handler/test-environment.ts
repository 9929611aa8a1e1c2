import { activeState } from '#shared/core/model/tenant-state.ts';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { KeyCache } from '../../lambdas/signer/key-cache.ts';
import type { OutboundWork, SignerPorts } from '../../lambdas/signer/ports.ts';
import { sesExit } from '#shared/core/mail/exit.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { newClaim } from '#shared/core/model/claim.ts';
import { newKeyRing, type SlotKey } from '#shared/core/model/key-ring.ts';
import {
  keyIdOf,
  labelOf,
  messageIdOf,
  tenantIdOf,
  type DomainName,
  type Selector,
  type ShardName,
} from '#shared/core/model/names.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';

const start = new Date();
const tenant = tenantIdOf(randomBytes(16));
const domain = 'example.com' as DomainName;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const slot = (selector: string): SlotKey => ({
  id: keyIdOf(randomBytes(16)),
  selector: selector as Selector,
  algorithm: 'rsa-sha256',
  publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  wrappedPrivateKey: '',
  createdAt: start.toISOString(),
});
const claim = {
  ...newClaim({
    tenant,
    domain,
    label: labelOf(randomBytes(16)),
    shard: 's1.sd.example.net' as ShardName,
    keys: newKeyRing([slot('zero'), slot('one'), slot('two')]),
    dmarc: undefined,
    createdAt: start.toISOString(),
  }),
  status: 'verified' as const,
};
const holder = { domain, tenant, label: claim.label, since: start.toISOString() };

/** Every mail of the bench is signed with it, and so is the limit. */
export const { privateKey } = pair;

function unexpected(what: string): never {
  throw new Error(`the bench takes a path that it should not: ${what}`);
}

/** The signer's ports with immediate answers, so that only our own time is left. */
export function instantTestEnvironment(raw: Buffer): {
  ports: SignerPorts;
  works: OutboundWork[];
  sentSoFar: () => number;
} {
  const stored = new Map<string, StoredMessage>();
  for (let count = 0; count < 10; count += 1) {
    const id = messageIdOf(randomBytes(16));
    stored.set(id, {
      message: {
        tenant,
        id,
        domain,
        createdAt: start.toISOString(),
        size: raw.length,
        fingerprint: 'f',
      },
      recipientBatches: newRecipientBatches(['bob@example.net']),
    });
  }
  let sent = 0;
  const ports: SignerPorts = {
    messages: {
      create: async () => unexpected('create'),
      get: async (_tenant, id) => stored.get(id),
      recipientBatch: async () => unexpected('recipientBatch'),
      moveRecipientBatch: async () => true,
      noteHeld: async () => unexpected('noteHeld'),
      notePlace: async () => unexpected('notePlace'),
    },
    heldMessages: {
      hold: async () => unexpected('hold'),
      endHold: async () => unexpected('endHold'),
    },
    tenantStates: { of: async () => activeState, isActive: async () => true },
    mails: { get: async () => raw, put: async () => unexpected('put') },
    outbox: { enter: async () => unexpected('enter') },
    bus: { put: async () => unexpected('put') },
    claims: {
      getHeld: async () => [{ claim, holder }],
      everClaimedAround: async () => unexpected('everClaimedAround'),
    },
    standings: { of: async () => 'good' },
    suppressions: { among: async () => new Set() },
    revokedKeys: { among: async () => new Set() },
    keys: new KeyCache({ unwrap: async () => privateKey }),
    mailer: {
      exit: sesExit,
      send: async () => {
        sent += 1;
        return { kind: 'sent', exitId: 'ses-1' };
      },
    },
    rateLeases: {
      lease: async () => ({ kind: 'granted', place: 0, at: 0 }),
      slowDown: async () => unexpected('slowDown'),
    },
    sleep: async () => unexpected('sleep'),
    outbound: { send: async () => unexpected('send') },
    sendingLog: { noteSent: async () => {} },
    askForAnotherKey: async () => unexpected('askForAnotherKey'),
    keyConfirmation: { confirm: async () => ({ kind: 'confirmed' }), settle: async () => {} },
    postSendVerification: { sent: () => {}, settle: async () => {} },
    clock: { now: () => new Date() },
    newLease: randomUUID,
    jitter: Math.random,
    isOutage: () => false,
    log: { info: () => {}, warn: unexpected, error: unexpected },
  };
  return {
    ports,
    works: [...stored.keys()].map((id) => ({ tenant, id: id as OutboundWork['id'] })),
    sentSoFar: () => sent,
  };
}
