import type { CanaryArrivals } from '#shared/app/ports/canary-arrivals.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { ComposeMail } from '#shared/app/ports/mail-composer.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { Accepted, Submission } from '#shared/app/sending/submit.ts';
import { canaryAddress, canaryIdOf, type CanaryId } from '#shared/core/mail/canary.ts';
import { type Deployment, reportsHost } from '#shared/core/model/deployment.ts';
import { messageStatus, type MessageStatus } from '#shared/core/model/message.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';

export interface CanaryPorts {
  readonly sender: { readonly tenant: TenantId; readonly from: string };
  readonly deployment: Pick<Deployment, 'zone' | 'receivesReports'>;
  readonly submit: (mail: Submission) => Promise<Accepted>;
  readonly composeMail: ComposeMail;
  readonly messages: Pick<MessageStore, 'get'>;
  readonly arrivals: Pick<CanaryArrivals, 'get'>;
  /** Asks the API with a key that nobody has. @returns the status of its answer */
  readonly askApi: () => Promise<number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** The canary did not arrive as it should. */
export class CanaryFailed extends Error {
  override readonly name = 'CanaryFailed';
}

/** SES takes mail to it and reports its delivery, where the region receives no mail. */
const SIMULATOR = 'success@simulator.amazonses.com';
const POLL_MS = 2_000;

/**
 * Sends a mail and waits until it arrived. Our own inbound has to have it with a signature that
 * verifies; or, where SES receives no mail in the region or the inbound alone is out (which has an
 * alarm of its own), SES has to report its delivery.
 *
 * @param deadline epoch milliseconds
 * @throws CanaryFailed where neither came, the signature does not verify, or the API does not answer
 *   as it should; what a port throws
 */
export async function sendCanary(ports: CanaryPorts, deadline: number): Promise<void> {
  const { sender, deployment, random, clock, log } = ports;
  const begun = clock.now().getTime();
  await requireApi(ports);
  const id = canaryIdOf(random.bytes(16));
  const receives = deployment.receivesReports !== false;
  const to = receives ? canaryAddress(id, reportsHost(deployment.zone)) : SIMULATOR;
  const raw = await ports.composeMail(mailOf(sender.from, to, id));
  const { id: message } = await ports.submit({
    tenant: sender.tenant,
    channel: 'api',
    raw,
    recipients: [to],
    strict: true,
  });
  const { arrived, status } = await outcomeOf(ports, { id, message, receives, deadline });
  const names = { messageId: message, status, seconds: (clock.now().getTime() - begun) / 1_000 };
  if (arrived === 'unverified') {
    throw new CanaryFailed(`the canary ${message} arrived, and its signature does not verify`);
  }
  if (arrived === 'verified' || (status === 'delivered' && !receives)) {
    return log.info('the canary arrived', names);
  }
  if (status === 'delivered') return log.warn('the canary did not come to our own inbound', names);
  throw new CanaryFailed(`the canary ${message} did not arrive in time; its status is ${status}`);
}

/** The API must answer a key that nobody has with 401 or 403; that takes gateway, authorizer and table. */
async function requireApi({ askApi }: CanaryPorts): Promise<void> {
  const status = await askApi();
  if (status !== 401 && status !== 403) {
    throw new CanaryFailed(`the API answered a key that nobody has with ${status}, not 403`);
  }
}

const mailOf = (from: string, to: string, id: CanaryId) => ({
  from: { address: from },
  to: [{ address: to }],
  cc: [],
  replyTo: [],
  subject: `Canary ${id}`,
  text: 'This mail proves, every hour, that mail is signed, sent and received.\n',
  attachments: [],
  headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
});

interface Sent {
  readonly id: CanaryId;
  readonly message: MessageId;
  readonly receives: boolean;
  readonly deadline: number;
}

interface Outcome {
  readonly arrived?: 'verified' | 'unverified';
  readonly status: MessageStatus | 'gone';
}

/** Statuses that end a mail before it arrives. */
const ended: ReadonlySet<string> = new Set(['bounced', 'complained', 'refused', 'suppressed']);

async function outcomeOf(ports: CanaryPorts, sent: Sent): Promise<Outcome> {
  const { messages, arrivals, sender, clock, sleep } = ports;
  for (;;) {
    const [arrival, stored] = await Promise.all([
      sent.receives ? arrivals.get(sent.id) : undefined,
      messages.get(sender.tenant, sent.message),
    ]);
    const status =
      stored === undefined ? 'gone' : messageStatus(stored.message, stored.recipientBatches);
    if (arrival !== undefined) {
      return { arrived: arrival.verified ? 'verified' : 'unverified', status };
    }
    const isOver = ended.has(status) || (status === 'delivered' && !sent.receives);
    if (isOver || clock.now().getTime() + POLL_MS >= sent.deadline) return { status };
    await sleep(POLL_MS);
  }
}
