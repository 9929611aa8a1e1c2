import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapLimited } from '#shared/async/limit.ts';
import { until, type Api, type DomainDocument } from './support/api.ts';
import { startService, type Service } from './support/service.ts';

let service: Service;
let tenants: Api[];

beforeAll(async () => {
  service = await startService();
  tenants = [service.api, await service.newTenant('second')];
});

afterAll(() => service?.stop());

const targetsOf = ({ records }: DomainDocument) =>
  records.filter(({ type }) => type === 'CNAME').map(({ value }) => value.replace(/\.$/, ''));

const labelOf = (domain: DomainDocument) => /\.([a-z2-7]{26})\./.exec(targetsOf(domain)[0]!)![1]!;

/** Claims under way at once: each makes three keys, and API Gateway waits no longer than 30 s. */
const AT_ONCE = 10;

/**
 * Claims as a client should. Where making 300 keys takes longer than API Gateway waits, it repeats
 * the request, and its Idempotency-Key makes it the same claim.
 */
async function claimWithRetry(api: Api, name: string): ReturnType<Api['claim']> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await api.claim(name, { 'idempotency-key': `hundred-${name}` });
    if (answer.status !== 503 || attempt === 5) return answer;
  }
}

test('a hundred claims at once: all are published but the one that Route 53 refuses, in few calls', async () => {
  const first = await tenants[0]!.claim('d0.example');
  expect(first.status).toBe(201);
  const refused = labelOf(first.body);
  // Route 53 is busy until all claims are there: making their keys takes this machine many seconds,
  // and the calls are to be counted for a hundred claims that wait together.
  const { route53 } = service.local;
  route53.plantFaults({ refuseNames: refused, priorRequestNotComplete: Infinity });

  const indexes = Array.from({ length: 99 }, (_, index) => index + 1);
  const rest = await mapLimited(indexes, { tasks: AT_ONCE }, (index) =>
    claimWithRetry(tenants[index % 2]!, `d${index}.example`),
  );
  expect(rest.map(({ status }) => status).filter((status) => status !== 201)).toEqual([]);
  const claims = rest.map(({ body }) => body);
  const shards = new Set(claims.map((claim) => targetsOf(claim)[0]!.split('.').slice(3).join('.')));
  expect(shards.size).toBe(4);

  route53.plantFaults({ refuseNames: refused });
  const before = route53.requests.get('ChangeResourceRecordSets') ?? 0;

  const names = claims.flatMap(targetsOf);
  expect(names).toHaveLength(99 * 4);
  await until(
    'publishing',
    async () => {
      const answers = await Promise.all(
        names.map((name) => service.resolver.resolveTxt(name).catch(() => [])),
      );
      return answers.filter((answer) => answer.length !== 1).length;
    },
    (missing) => missing === 0,
    60,
  );

  const { body: parked } = await until(
    'the refused claim',
    () =>
      tenants[0]!.request<DomainDocument & { problem?: { detail: string } }>(
        'GET',
        '/v1/domains/d0.example',
      ),
    ({ body }) => body.problem !== undefined,
    30,
  );
  expect(parked.problem?.detail).toContain('planted fault');
  await expect(service.resolver.resolveTxt(targetsOf(first.body)[0]!)).rejects.toThrow(
    /ENOTFOUND|ENODATA/,
  );

  const calls = route53.requests.get('ChangeResourceRecordSets')! - before;
  console.log(`hundred: ${calls} changes of Route 53 for 100 claims over ${shards.size} zones`);
  // A zone's 25 claims are two batches of 32,000 characters. The enqueues that piled up come to the
  // publisher in a few passes, and the refused claim costs its own call; one call a claim is far off.
  expect(calls).toBeLessThanOrEqual(32);

  route53.plantFaults({});
  expect((await tenants[1]!.claim('one-more.example')).status).toBe(429);
});
