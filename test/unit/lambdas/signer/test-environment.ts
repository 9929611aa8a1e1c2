import { messageTags } from '#shared/adapters/aws/mailer.ts';
import { generateKeyPairSync } from 'node:crypto';
import { applySesEvents } from '../../../../lambdas/ses-events/apply-events.ts';
import type { Confirmation } from '../../../../lambdas/signer/key-confirmation.ts';
import { KeyCache } from '../../../../lambdas/signer/key-cache.ts';
import type {
  OutboundWork,
  SignerPorts,
  SignerSettings,
} from '../../../../lambdas/signer/ports.ts';
import { sendBatch } from '../../../../lambdas/signer/send-batch.ts';
import { rateLeases } from '#shared/app/sending/rate-leases.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { newKeyRing } from '#shared/core/model/key-ring.ts';
import type { Message } from '#shared/core/model/message.ts';
import {
  messageIdOf,
  type DomainName,
  type MessageId,
  type TenantId,
} from '#shared/core/model/names.ts';
import type { Accepted } from '../../../fakes/mailer.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemoryMailer } from '../../../fakes/mailer.ts';
import { MemoryHeldMessages } from '../../../fakes/held-messages.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { SendingStandings } from '../../../../lambdas/signer/sending-standings.ts';
import { TenantStates } from '../../../../lambdas/signer/tenant-states.ts';
import { givenSesEvents } from '../../../fakes/given-ses-events.ts';
import { MemoryReputationStore } from '../../../fakes/reputation-store.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { MemoryOutbox } from '../../../fakes/outbox.ts';
import { MemoryOutboundQueue } from '../../../fakes/outbound-queue.ts';
import { MemoryRateSchedules } from '../../../fakes/rate-schedules.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';

export const start = new Date('2026-11-20T10:00:00.000Z');

/** A pair is costly to make; all claims of the tests share one. */
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

export const settings: SignerSettings = {
  unsignedAllowed: new Set(),
  leaseSeconds: 60,
  unclearSeconds: 900,
  unclearPolicy: 'resend',
  holdHours: 4,
};

/** Everything the signer touches, in memory, with a clock that the test moves. */
export class TestEnvironment {
  now = start;
  readonly messages = new MemoryMessageStore();
  readonly suppressions = new MemorySuppressionStore();
  readonly reputations = new MemoryReputationStore();
  readonly tenants = new MemoryTenantStore();
  readonly heldMessages = new MemoryHeldMessages(this.messages, this.tenants, 2);
  readonly tenantStates = new TenantStates(this.tenants, { now: () => this.now });
  readonly bus = new MemoryEventBus();
  readonly mails = new MemoryMailStore();
  readonly claims = new MemoryClaimStore();
  readonly revokedKeys = new MemoryRevokedKeys();
  readonly mailer = new MemoryMailer();
  /** Recipients a second that the exit allows. */
  rate = 1_000;
  readonly schedules = new MemoryRateSchedules();
  readonly outbox = new MemoryOutbox();
  readonly outbound = new MemoryOutboundQueue();
  readonly sent: { label: string; at: string }[] = [];
  /** Keys for which another was asked for. */
  readonly unusable: string[] = [];
  /** The mails that post-send verification got. */
  readonly watched: { raw: Buffer; keyId: string }[] = [];
  readonly logged: { level: string; message: string; details: Record<string, unknown> }[] = [];
  /** The state of every key in DNS. */
  confirmation: Confirmation = { kind: 'confirmed' };
  readonly vault = {
    unwraps: 0,
    failing: [] as Error[],
    unwrap: async () => {
      this.vault.unwraps += 1;
      const failure = this.vault.failing.shift();
      if (failure !== undefined) throw failure;
      return pair.privateKey;
    },
  };
  #mails = 0;
  #leases = 0;

  readonly ports: SignerPorts = {
    messages: this.messages,
    suppressions: this.suppressions,
    standings: new SendingStandings(this.reputations, { now: () => this.now }, true),
    heldMessages: this.heldMessages,
    tenantStates: {
      of: (tenant, maxAge) => this.tenantStates.of(tenant, maxAge),
      isActive: (tenant, maxAge) => this.tenantStates.isActive(tenant, maxAge),
    },
    mails: this.mails,
    outbox: this.outbox,
    claims: this.claims,
    revokedKeys: this.revokedKeys,
    keys: new KeyCache(this.vault),
    mailer: this.mailer,
    rateLeases: rateLeases({
      schedules: this.schedules,
      askRate: async () => this.rate,
      clock: { now: () => this.now },
      sleep: async () => {},
      log: { info() {}, warn() {}, error() {} },
    }),
    outbound: this.outbound,
    sendingLog: {
      noteSent: async (label, at) => {
        this.sent.push({ label, at });
      },
    },
    bus: this.bus,
    askForAnotherKey: async ({ key }) => {
      this.unusable.push(key.id);
    },
    keyConfirmation: {
      confirm: async () => this.confirmation,
      settle: async () => {},
    },
    postSendVerification: {
      sent: (raw, _claim, { id }) => void this.watched.push({ raw, keyId: id }),
      settle: async () => {},
    },
    clock: { now: () => this.now },
    sleep: async (milliseconds) => this.pass(milliseconds / 1_000),
    newLease: () => `lease-${(this.#leases += 1)}`,
    jitter: () => 0.5,
    isOutage,
    log: {
      info: (message, details) => void this.logged.push({ level: 'info', message, details }),
      warn: (message, details) => void this.logged.push({ level: 'warn', message, details }),
      error: (message, details) => void this.logged.push({ level: 'error', message, details }),
    },
  };

  pass(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000);
  }

  /** A domain that its tenant has proven, with an SES identity. */
  async givenHeld(domain: string, changes: Partial<Claim> = {}): Promise<Claim> {
    const newborn = givenClaim({ domain: domain as DomainName, ...changes });
    const [one, two, three] = newborn.keys;
    const claim = { ...newborn, keys: newKeyRing([{ ...one, publicKey }, two, three]) };
    await this.claims.create(claim, { pendingPerTenant: 50, claimsPerShard: 1000 });
    const verified: Claim = { ...claim, version: 2, status: 'verified' };
    await this.claims.hold(claim, verified, start.toISOString());
    this.mailer.verify(domain);
    return verified;
  }

  /** A mail as the submission channel leaves it: stored, noted, queued. */
  async givenAccepted(
    { tenant, domain }: { tenant: TenantId; domain: DomainName },
    {
      raw = mailFrom(domain),
      recipients = 1,
      ...changes
    }: { raw?: Buffer; recipients?: number } & Partial<Message> = {},
  ): Promise<OutboundWork> {
    const message = this.#newMessage({ tenant, domain }, raw, changes);
    await this.mails.put(message, raw);
    await this.messages.create(message, newRecipientBatches(addresses(recipients)));
    return { tenant, id: message.id };
  }

  /** A mail that only its message in the queue has. */
  givenCarried(
    { tenant, domain }: { tenant: TenantId; domain: DomainName },
    { raw = mailFrom(domain), recipients = 1 }: { raw?: Buffer; recipients?: number } = {},
  ): OutboundWork & Required<Pick<OutboundWork, 'carried'>> {
    const message = this.#newMessage({ tenant, domain }, raw);
    const carried = { message, raw, recipients: addresses(recipients), suppressed: new Set('') };
    return { tenant, id: message.id, carried };
  }

  #newMessage(
    of: { tenant: TenantId; domain: DomainName },
    raw: Buffer,
    changes: Partial<Message> = {},
  ): Message {
    this.#mails += 1;
    return {
      tenant: of.tenant,
      domain: of.domain,
      id: messageIdOf(new Uint8Array(16).fill(this.#mails)),
      createdAt: this.now.toISOString(),
      size: raw.length,
      fingerprint: `fingerprint-${this.#mails}`,
      ...changes,
    };
  }

  /** One delivery of an SQS batch. */
  send(works: readonly OutboundWork[], changes: Partial<SignerSettings> = {}, ports = this.ports) {
    const deadline = new Date(this.now.getTime() + 30_000);
    return sendBatch(ports, { ...settings, ...changes }, works, deadline);
  }

  async recipientBatches({ tenant, id }: { tenant: TenantId; id: MessageId }) {
    return (await this.messages.get(tenant, id))!.recipientBatches;
  }

  /** Has SES report that it accepted a mail. */
  async deliverEvent(accepted: Accepted) {
    const { messages, suppressions, reputations, bus } = this;
    const { ports } = givenSesEvents({ messages, suppressions, reputations, bus });
    return applySesEvents(ports, [sendEvent(accepted)]);
  }
}

export const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => `r${index}@example.net`);

export const mailFrom = (domain: string, body = 'Hello.\r\n') =>
  Buffer.from(
    `From: Ann <ann@${domain}>\r\nTo: r0@example.net\r\nSubject: Hi\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n${body}`,
  );

/** The Send event of a mail, as SES publishes it. */
export function sendEvent({ exitId, envelope }: Accepted): string {
  const tags = messageTags(envelope.tags).map(({ Name, Value }) => [Name, [Value]]);
  return JSON.stringify({
    eventType: 'Send',
    mail: {
      timestamp: start.toISOString(),
      messageId: exitId,
      source: envelope.source,
      destination: envelope.recipients,
      tags: { 'ses:operation': ['SendRawEmail'], ...Object.fromEntries(tags) },
    },
    send: {},
  });
}
