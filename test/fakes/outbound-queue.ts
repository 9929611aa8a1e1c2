import type { Queue, SendOptions } from '#shared/app/ports/queues.ts';
import { decodeWork } from '../../lambdas/signer/decode.ts';
import type { OutboundMessage, OutboundWork } from '../../lambdas/signer/ports.ts';
import { MemoryQueue, type Sent } from './queue.ts';

/** The queue of mail in memory, whose messages come out as the signer reads them. */
export class MemoryOutboundQueue implements Queue<OutboundMessage> {
  readonly #queue = new MemoryQueue<OutboundMessage>();

  get failing(): Error[] {
    return this.#queue.failing;
  }

  get sent(): Sent<OutboundWork>[] {
    return this.#queue.sent.map(asWork);
  }

  /** Takes all that was sent. */
  take(): Sent<OutboundWork>[] {
    return this.#queue.take().map(asWork);
  }

  send(
    requests: readonly OutboundMessage[],
    options: SendOptions<OutboundMessage> = {},
  ): Promise<void> {
    return this.#queue.send(requests, options);
  }
}

function asWork({ request, ...sent }: Sent<OutboundMessage>): Sent<OutboundWork> {
  const work = decodeWork(JSON.stringify(request));
  if (work === undefined) throw new Error('the signer would not read this message');
  return { request: work, ...sent };
}
