import type { PublishRequest } from '#shared/app/ports/queues.ts';
import type { PublisherPorts } from './ports.ts';
import { publish } from './publish.ts';

/**
 * Merges the requests of each shard into one pass; shards go side by side, for they share nothing
 * but the account's request rate.
 *
 * @param bodies of the messages, a `PublishRequest` each
 * @param deadline epoch milliseconds by which every pass must have queued again what is left
 * @returns the indexes of the messages that failed and must come again
 */
export async function publishAll(
  ports: PublisherPorts,
  bodies: readonly string[],
  deadline: number,
): Promise<number[]> {
  const failed: number[] = [];
  const asked: { index: number; request: PublishRequest }[] = [];
  for (const [index, body] of bodies.entries()) {
    try {
      asked.push({ index, request: JSON.parse(body) as PublishRequest });
    } catch (error) {
      ports.log({ kind: 'failed', error });
      failed.push(index);
    }
  }
  const shards = Map.groupBy(asked, ({ request }) => request.shard);
  await Promise.all(
    [...shards].map(async ([shard, asking]) => {
      const requests = asking.map(({ request }) => request);
      const labels = [...new Set(requests.flatMap((request) => request.labels))];
      const [putOffSince] = requests.flatMap((request) => request.putOffSince ?? []).toSorted();
      const [revokedAt] = requests.flatMap((request) => request.revokedAt ?? []).toSorted();
      try {
        await publish(ports, { shard, labels, deadline, putOffSince, revokedAt });
      } catch (error) {
        ports.log({ kind: 'failed', shard, error });
        failed.push(...asking.map(({ index }) => index));
      }
    }),
  );
  return failed;
}
