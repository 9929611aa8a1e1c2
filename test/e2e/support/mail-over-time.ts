import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS as DAY } from '#shared/core/time.ts';
import type { Service } from './service.ts';
import { mailauth, type Verifier } from './verifiers.ts';

const LATER = 5 * DAY;
/** Mails sent within this time are verified together; signatures expire after 7 days. */
const TOGETHER = DAY / 2;
/** Milliseconds of this machine's time that a mail may take. */
const RETRY = 60_000;

/** A mail as receivers got it. */
export interface Received {
  readonly domain: string;
  readonly selector: string;
  /** When it was sent, epoch milliseconds. */
  readonly at: number;
  readonly delivered: Buffer;
  /** The subject of its submission. */
  readonly subject: string;
}

/**
 * Mail sent through the API, taken out of the outbox, and verified by mailauth through the local DNS:
 * when it was sent, and again five days later.
 */
export class MailOverTime {
  /** Mails that did not verify, with the time. */
  readonly failures: string[] = [];
  readonly verified = { onTheDay: 0, later: 0 };
  readonly #service: Service;
  readonly #verify: Verifier;
  #kept: Received[] = [];
  #sent = 0;

  constructor(service: Service) {
    this.#service = service;
    this.#verify = mailauth(service.dnsPort);
  }

  /** Sends a mail of each domain, and waits until they are out and verified. */
  async send(domains: readonly string[]): Promise<readonly Received[]> {
    await Promise.all(domains.map((domain) => this.submit(domain)));
    const received = await this.receive(domains.length);
    for (const mail of received) await this.#judge(mail, 'onTheDay');
    this.#kept.push(...received);
    return received;
  }

  /** @returns the mail's id and its subject */
  async submit(domain: string): Promise<{ id: string; subject: string }> {
    this.#sent += 1;
    const subject = `Number ${this.#sent}`;
    const raw = `From: Ann <ann@${domain}>\r\nTo: bob@receiver.example\r\nSubject: ${subject}\r\n\r\nHello.\r\n`;
    const { status, body, text } = await this.#service.api.send(raw);
    if (status !== 202) throw new Error(`mail of ${domain}: ${status} ${text}`);
    return { id: body.id, subject };
  }

  /**
   * Takes so many mails out of the outbox.
   *
   * @throws Error where they do not come
   */
  async receive(count: number): Promise<Received[]> {
    const received: Received[] = [];
    const deadline = performance.now() + RETRY;
    while (received.length < count) {
      received.push(...(await this.takeOut()));
      if (received.length >= count) break;
      if (performance.now() > deadline) {
        throw new Error(`${received.length} of ${count} mails came out by ${now()}`);
      }
      await sleep(5);
    }
    return received;
  }

  /** Takes all mails out of the outbox, oldest first. */
  async takeOut(): Promise<Received[]> {
    const { outbox } = this.#service.local.endpoints;
    const files = (await readdir(outbox)).filter((file) => /^[^.]+\.eml$/.test(file)).sort();
    const received: Received[] = [];
    for (const file of files) {
      const delivered = join(outbox, file.replace('.eml', '.delivered.eml'));
      received.push(readMail(await readFile(delivered)));
      await Promise.all([rm(delivered), rm(join(outbox, file))]);
    }
    return received;
  }

  /** When mail is to be verified once more, epoch milliseconds; Infinity where none is left. */
  get checkAgainAt(): number {
    return (this.#kept[0]?.at ?? Infinity) + LATER + TOGETHER;
  }

  /** Verifies, once more, what was sent five days ago or before. */
  async verifyLater(): Promise<void> {
    const due = this.#kept.filter(({ at }) => at <= Date.now() - LATER);
    for (const mail of due) await this.#judge(mail, 'later');
    this.#kept = this.#kept.filter((mail) => !due.includes(mail));
  }

  async #judge(
    { domain, delivered, at, selector }: Received,
    when: 'onTheDay' | 'later',
  ): Promise<void> {
    const [verdict] = await this.#verify([delivered], domain);
    this.verified[when] += 1;
    if (verdict === 'pass') return;
    const sent = new Date(at).toISOString();
    this.failures.push(`${domain} ${selector}, sent ${sent}, verified ${now()}: ${verdict}`);
  }
}

const now = (): string => new Date().toISOString();

function readMail(delivered: Buffer): Received {
  const header = delivered
    .toString('latin1')
    .split('\r\n\r\n')[0]!
    .replaceAll(/\r\n\s+/g, ' ');
  const domain = /^From: Ann <ann@([^>]+)>/m.exec(header)![1]!;
  const signature = header
    .split('\r\n')
    .find((line) => /^DKIM-Signature:/i.test(line) && line.includes(`d=${domain};`));
  return {
    domain,
    selector: /;\s*s=(\w+)/.exec(signature ?? '')?.[1] ?? 'none',
    at: Date.now(),
    delivered,
    subject: /^Subject: (.*)$/m.exec(header)![1]!,
  };
}
