import { activeState } from '#shared/core/model/tenant-state.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { newKeyRing } from '#shared/core/model/key-ring.ts';
import { messageIdOf, type DomainName, type Selector } from '#shared/core/model/names.ts';
import { forgeKey } from '#shared/app/rotation/forge.ts';
import { KeyCache } from '../../../../lambdas/signer/key-cache.ts';
import type { SignerPorts } from '../../../../lambdas/signer/ports.ts';
import { sendBatch } from '../../../../lambdas/signer/send-batch.ts';
import { askForAnotherKey } from '../../../../lambdas/signer/unusable-key.ts';
import type { KeyConfirmation } from '../../../../lambdas/signer/key-confirmation.ts';
import { postSendVerification } from '../../../../lambdas/signer/post-send-verification.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryKeyForge, newWrappingKey } from '../../../fakes/key-forge.ts';
import { MemoryKeyVault } from '../../../fakes/key-vault.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemoryMailer } from '../../../fakes/mailer.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { MemoryOutbox } from '../../../fakes/outbox.ts';
import { MemoryOutboundQueue } from '../../../fakes/outbound-queue.ts';
import { verifyByMailauth } from '../../core/dkim/mailauth.ts';
import { settings } from '../../lambdas/signer/test-environment.ts';
import { DAY, TestEnvironment } from './test-environment.ts';

const alwaysConfirmed: KeyConfirmation = {
  confirm: async () => ({ kind: 'confirmed' }),
  settle: async () => {},
};

/** A mail as it went out, and what an independent verifier said of it. */
interface Judged {
  readonly raw: Buffer;
  readonly at: number;
}

/** The test environment with a signer in it: real keys, real signatures. */
export class SendingTestEnvironment extends TestEnvironment {
  readonly mailer = new MemoryMailer();
  readonly mails = new MemoryMailStore();
  readonly outbound = new MemoryOutboundQueue();
  readonly signer: SignerPorts;
  readonly problems: string[] = [];
  /** Confirms every key; tests of the confirmation put the real one in its place. */
  confirmation: KeyConfirmation = alwaysConfirmed;
  readonly judged = { onTheDay: 0, later: 0 };
  #mails = 0;
  #kept: Judged[] = [];

  constructor(wrappingKey = newWrappingKey()) {
    super({ forge: new MemoryKeyForge(wrappingKey) });
    const { clock } = this.time;
    const log = {
      info: () => {},
      warn: (message: string) => void this.problems.push(message),
      error: (message: string) => void this.problems.push(message),
    };
    this.signer = {
      messages: new MemoryMessageStore(),
      heldMessages: { hold: async () => false, endHold: async () => {} },
      tenantStates: { of: async () => activeState, isActive: async () => true },
      mails: this.mails,
      claims: this.claims,
      standings: { of: async () => 'good' },
      suppressions: new MemorySuppressionStore(),
      revokedKeys: this.revokedKeys,
      keys: new KeyCache(new MemoryKeyVault(wrappingKey), 2),
      mailer: this.mailer,
      rateLeases: {
        lease: async () => ({ kind: 'granted', place: 0, at: 0 }),
        slowDown: async () => {},
      },
      sleep: (milliseconds) => this.time.sleep(milliseconds),
      outbox: new MemoryOutbox(),
      outbound: this.outbound,
      sendingLog: { noteSent: async () => {} },
      bus: new MemoryEventBus(),
      askForAnotherKey: askForAnotherKey({
        rotationQueue: this.rotationQueue,
        runs: this.runs,
        clock,
      }),
      keyConfirmation: {
        confirm: (claim, key) => this.confirmation.confirm(claim, key),
        settle: () => this.confirmation.settle(),
      },
      postSendVerification: postSendVerification({
        resolver: this.dns,
        runs: this.runs,
        rotationQueue: this.rotationQueue,
        clock,
        log,
      }),
      clock,
      newLease: () => `lease ${this.#mails}`,
      jitter: () => 0.5,
      isOutage: () => false,
      log,
    };
  }

  /** A domain whose three keys are real. */
  async givenDomain(name: string, changes: Partial<Claim> = {}): Promise<Claim> {
    const { tenant } = givenClaim();
    const domain = name as DomainName;
    const key = (selector: string) =>
      forgeKey(selector as Selector, { tenant, domain }, this.workerPorts, this.now.getTime());
    const keys = newKeyRing([await key('zero'), await key('one'), await key('two')]);
    const [zero, one, two] = keys;
    this.mailer.verify(domain);
    return this.givenVerified({
      tenant,
      domain,
      keys: [{ ...zero, firstSignedAt: this.now.toISOString() }, one, two],
      ...changes,
    });
  }

  /** Sends a mail through the signer, has it verified, and the one of five days ago once more. */
  async mail({ tenant, domain }: Claim): Promise<void> {
    this.#mails += 1;
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, this.#mails);
    const id = messageIdOf(bytes);
    const raw = Buffer.from(
      `From: Ann <ann@${domain}>\r\nTo: r0@example.net\r\nSubject: Number ${this.#mails}\r\n\r\nHello.\r\n`,
    );
    const createdAt = this.now.toISOString();
    const message = { tenant, id, domain, createdAt, size: raw.length, fingerprint: String(id) };
    await this.mails.put(message, raw);
    await this.signer.messages.create(message, newRecipientBatches(['r0@example.net']));
    const deadline = new Date(this.now.getTime() + 30_000);
    const { failed } = await sendBatch(this.signer, settings, [{ tenant, id }], deadline);
    const [accepted] = this.mailer.accepted.splice(0);
    if (failed.length > 0 || accepted === undefined) {
      this.problems.push(`mail ${this.#mails} of ${createdAt} did not leave`);
      return;
    }
    const sent = { raw: accepted.raw, at: this.now.getTime() };
    await this.#verify(sent, domain, 'onTheDay');
    this.#kept.push(sent);
    const old = this.#kept.filter(({ at }) => at <= sent.at - 5 * DAY);
    for (const one of old) await this.#verify(one, domain, 'later');
    this.#kept = this.#kept.filter((one) => !old.includes(one));
  }

  async #verify({ raw, at }: Judged, domain: DomainName, when: 'onTheDay' | 'later') {
    const names = (['zero', 'one', 'two'] as const).map((slot) => `${slot}._domainkey.${domain}`);
    const records = Object.fromEntries(
      names.flatMap((name) => {
        const [text] = this.dns.honest(name).values;
        return text === undefined ? [] : [[name, text]];
      }),
    );
    const results = await verifyByMailauth(raw, records, this.now.getTime() / 1_000);
    this.judged[when] += 1;
    if (results.length === 1 && results[0]?.result === 'pass') return;
    this.problems.push(`sent ${new Date(at).toISOString()}, ${when}: ${JSON.stringify(results)}`);
  }
}
