/** How many messages queues have. */
export interface QueueDepths {
  /**
   * Messages that can be received now, as far as SQS knows; those in flight are left out.
   *
   * @param queue its whole name
   * @throws Error where there is no such queue, or what the SDK throws
   */
  of(queue: string): Promise<number>;
}
