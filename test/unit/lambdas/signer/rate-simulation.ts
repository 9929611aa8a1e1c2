import { RateLimit } from '../../../../local/aws/rate-limit.ts';
import { decodeWork } from '../../../../lambdas/signer/decode.ts';
import type { OutboundWork, SignerPorts } from '../../../../lambdas/signer/ports.ts';
import { sendBatch } from '../../../../lambdas/signer/send-batch.ts';
import { TenantStates } from '../../../../lambdas/signer/tenant-states.ts';
import { rateLeases } from '#shared/app/sending/rate-leases.ts';
import type { RateSchedules, StoredSchedule } from '#shared/app/ports/rate-schedules.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { messageIdOf, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import { MemoryMailer } from '../../../fakes/mailer.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { VirtualTime } from '../../../support/virtual-time.ts';
import { addresses, mailFrom, settings, TestEnvironment } from './test-environment.ts';

/** Milliseconds that calls take. */
const LATENCY = { table: 6, bucket: 20, queue: 10, exit: 80 };
const SIGNERS = 10;
const BATCH = 10;
/** Six times the signer's timeout. */
const VISIBILITY_MS = 540_000;

export interface Submitted {
  readonly tenant: string;
  readonly at: number;
  readonly recipients: number;
}

/** A mail that left: its order of submission, and when its first and last call were accepted. */
export interface Left {
  readonly tenant: string;
  readonly number: number;
  readonly submittedAt: number;
  readonly leftAt: number;
}

interface Queued {
  readonly body: string;
  readonly visibleAt: number;
  readonly sequence: number;
}

interface Versioned {
  readonly version: number;
  readonly stored: StoredSchedule;
}

/**
 * Signers on virtual time, at an exit that takes so many recipients a second, fed by a queue in the
 * order of arrival: SQS without fair queues.
 */
export class RateSimulation {
  readonly time = new VirtualTime('2026-11-20T10:00:00.000Z');
  readonly start = this.time.now;
  readonly left: Left[] = [];
  readonly problems: string[] = [];
  exitCalls = 0;
  requeued = 0;
  readonly #environment = new TestEnvironment();
  readonly #messages = new MemoryMessageStore();
  readonly #mails = new MemoryMailStore();
  readonly #mailer = new MemoryMailer();
  readonly #exit: RateLimit;
  readonly #rate: number;
  readonly #submitted = new Map<string, Submitted & { number: number; open: number }>();
  #schedule: Versioned | undefined;
  #queue: Queued[] = [];
  #sequence = 0;
  #wake: (() => void)[] = [];

  constructor(rate: number) {
    this.#rate = rate;
    this.#exit = new RateLimit(rate, rate, () => this.time.now);
  }

  /** Mail of that tenant is gone once it has a place in line, as if it had expired. */
  vanishing: string | undefined;

  /** Accepts and queues mail at its time, and runs until all of it has left. */
  async run(submissions: readonly Submitted[]): Promise<void> {
    for (const submission of submissions) {
      this.time.at(this.start + submission.at, () => void this.#submit(submission));
    }
    for (let signer = 0; signer < SIGNERS; signer += 1) void this.#poll(this.#ports());
    const stays = submissions.filter(({ tenant }) => tenant !== this.vanishing);
    await this.time.runUntil(() => this.left.length === stays.length);
  }

  async #submit(submission: Submitted): Promise<void> {
    const number = this.#submitted.size;
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, number);
    const tenant = submission.tenant as TenantId;
    const domain = `${submission.tenant.slice(2)}.example` as DomainName;
    const raw = mailFrom(domain);
    const message = {
      tenant,
      id: messageIdOf(bytes),
      domain,
      createdAt: this.time.clock.now().toISOString(),
      size: raw.length,
      fingerprint: String(number),
    };
    this.#mailer.verify(domain);
    this.#submitted.set(message.id, { ...submission, number, open: submission.recipients });
    await this.#mails.put(message, raw);
    await this.#messages.create(message, newRecipientBatches(addresses(submission.recipients)));
    this.#enqueue({ tenant, id: message.id }, 0);
  }

  #enqueue(work: OutboundWork, delaySeconds: number): void {
    const queued = {
      body: JSON.stringify(work),
      visibleAt: this.time.now + delaySeconds * 1_000,
      sequence: (this.#sequence += 1),
    };
    this.#insert(queued);
    this.time.at(queued.visibleAt, () => {
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  /** Keeps the queue in the order in which messages become visible. */
  #insert(queued: Queued): void {
    const queue = this.#queue;
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (queue[middle]!.visibleAt <= queued.visibleAt) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, queued);
  }

  async #poll(ports: SignerPorts): Promise<never> {
    for (;;) {
      let count = 0;
      while (count < BATCH && (this.#queue[count]?.visibleAt ?? Infinity) <= this.time.now)
        count += 1;
      const batch = this.#queue.splice(0, count);
      if (batch.length === 0) {
        await new Promise<void>((wake) => this.#wake.push(wake));
        continue;
      }
      await this.time.sleep(LATENCY.queue);
      const works = batch.map(({ body }) => JSON.parse(body) as OutboundWork);
      const deadline = new Date(this.time.now + 35_000);
      const { failed } = await sendBatch(ports, settingsOf(works), works, deadline);
      for (const index of failed) {
        this.problems.push(`failed: ${batch[index]!.body}`);
        this.#insert({ ...batch[index]!, visibleAt: this.time.now + VISIBILITY_MS });
      }
    }
  }

  /** The ports of one signer. */
  #ports(): SignerPorts {
    const { clock, sleep, random } = this.time;
    const messages = this.#slow(this.#messages, LATENCY.table);
    const warn = (message: string, details: object) =>
      void this.problems.push(`${message} ${JSON.stringify(details)}`);
    const log = { info: () => {}, warn, error: warn };
    return {
      ...this.#environment.ports,
      messages,
      tenantStates: new TenantStates(this.#slow(this.#environment.tenants, LATENCY.table), clock),
      mails: this.#slow(this.#mails, LATENCY.bucket),
      claims: this.#slow(this.#environment.claims, LATENCY.table),
      mailer: {
        exit: this.#mailer.exit,
        send: async (raw, envelope) => {
          this.exitCalls += 1;
          await sleep(LATENCY.exit * (0.5 + random()));
          if (!this.#exit.takeOnCredit(envelope.recipients.length)) {
            return { kind: 'throttled', reason: 'Maximum sending rate exceeded.', waitSeconds: 1 };
          }
          this.#leave(envelope.tags.message, envelope.recipients.length);
          return this.#mailer.send(raw, envelope);
        },
      },
      rateLeases: rateLeases({
        schedules: this.#schedules(),
        askRate: async () => this.#rate,
        clock,
        sleep,
        log,
      }),
      outbound: {
        send: async (works, { delaySeconds = 0 } = {}) => {
          await sleep(LATENCY.queue);
          this.requeued += works.length;
          const kept = works
            .flatMap((work) => decodeWork(JSON.stringify(work)) ?? [])
            .filter(({ tenant }) => tenant !== this.vanishing);
          for (const work of kept) this.#enqueue(work, delaySeconds);
        },
      },
      clock,
      sleep,
      jitter: random,
      log,
    };
  }

  /** As the table has it: a signer decides by what it saw last, and again where another came first. */
  #schedules(): Pick<RateSchedules, 'change'> {
    let known: Versioned | undefined;
    return {
      change: async (decide) => {
        for (;;) {
          const { next, result } = decide(known?.stored);
          if (next === known?.stored) return result;
          await this.time.sleep(LATENCY.table / 2);
          const isCurrent = known?.version === this.#schedule?.version;
          if (isCurrent) this.#schedule = { version: (known?.version ?? 0) + 1, stored: next };
          const seen = this.#schedule;
          await this.time.sleep(LATENCY.table / 2);
          known = seen;
          if (isCurrent) return result;
        }
      },
    };
  }

  #leave(id: string, recipients: number): void {
    const mail = this.#submitted.get(id)!;
    mail.open -= recipients;
    if (mail.open > 0) return;
    const { tenant, number, at } = mail;
    this.left.push({ tenant, number, submittedAt: at, leftAt: this.time.now - this.start });
  }

  /** Each call takes about so long. */
  #slow<Port extends object>(port: Port, milliseconds: number): Port {
    const { sleep, random } = this.time;
    return new Proxy(port, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        return async (...args: unknown[]) => {
          await sleep(milliseconds * (0.5 + random()));
          return Reflect.apply(found, target, args) as unknown;
        };
      },
    });
  }
}

/** Nothing is signed: that takes this machine's time, and no turn. */
const settingsOf = (works: readonly OutboundWork[]) => ({
  ...settings,
  unsignedAllowed: new Set(works.map(({ tenant }) => `${tenant.slice(2)}.example`)),
});
