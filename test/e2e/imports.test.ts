import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportDocument, RowDocument } from '#shared/api/routes/imports.ts';
import { createPlatform } from '../../cli/platform.ts';
import { isLong } from '../support/long.ts';
import { Api, until } from './support/api.ts';
import { sharedService, startService, type Service } from './support/service.ts';

/** 3,000 rows take over an hour and a half at SES's rate; `--fast` lifts it in the short form. */
const ROWS = isLong ? 3_000 : 20;

interface RowPage {
  readonly rows: RowDocument[];
  readonly cursor: string | null;
}

let service: Service;
let platform: Api;

beforeAll(async () => {
  service = isLong ? await startService({ fast: false }) : await sharedService();
  const { key } = await createPlatform(`imports ${process.pid}`, { state: service.stateDir });
  platform = new Api(service.local.endpoints.api, key);
});
afterAll(() => service?.stop());

/** One row in ten is wrong, and one in twenty comes twice. */
const list = (rows: number): string =>
  [
    'externalId,domain,contact,language',
    ...Array.from({ length: rows }, (_, index) => {
      if (index % 10 === 9) return `c-${index},not a domain ${index},,`;
      const one = index % 20 === 8 ? index - 1 : index;
      return `c-${one},import-${one}.example,dns${one % 30}@agency.example,de`;
    }),
  ].join('\n');

const send = (body: string, query = '', key = 'one') =>
  platform.request<ImportDocument>('POST', `/v1/imports${query}`, {
    body,
    headers: { 'content-type': 'text/csv', 'idempotency-key': key },
  });

/** A service under load may ask to try again. */
const read = async (id: string): Promise<ImportDocument> => {
  const answer = await until(
    'an answer',
    () => platform.request<ImportDocument>('GET', `/v1/imports/${id}`),
    ({ status }) => status !== 503,
  );
  if (answer.status !== 200) throw new Error(`the import: ${answer.status} ${answer.text}`);
  return answer.body;
};

async function rowsOf(id: string): Promise<RowDocument[]> {
  const rows: RowDocument[] = [];
  let query = '';
  for (;;) {
    const path = `/v1/imports/${id}/rows${query}`;
    const { body } = await platform.request<RowPage>('GET', path);
    rows.push(...body.rows);
    if (body.cursor === null) return rows;
    query = `?cursor=${body.cursor}`;
  }
}

const done = (id: string) =>
  until(
    'the end of the import',
    () => read(id),
    ({ status }) => status === 'done',
    isLong ? 10_000 : 120,
  );

test(`an import of ${ROWS} rows claims each domain once, though its message comes twice`, async () => {
  const started = performance.now();
  const first = await send(list(ROWS));
  const acceptedMs = performance.now() - started;
  expect(first).toMatchObject({ status: 202, body: { rows: ROWS, counts: { failed: ROWS / 10 } } });
  expect((await send(list(ROWS))).body.id).toBe(first.body.id);
  for (const share of [0.2, 0.5]) {
    await until(
      'some rows',
      () => read(first.body.id),
      ({ counts }) => counts.claimed >= ROWS * share,
      isLong ? 10_000 : 120,
    );
    await service.redeliver('imports');
  }
  const { counts } = await done(first.body.id);
  const repeated = ROWS / 20;
  expect(counts).toEqual({
    claimed: ROWS - ROWS / 10 - repeated,
    existing: 0,
    repeated,
    failed: ROWS / 10,
    forecast: 0,
    waiting: 0,
  });
  const rows = await rowsOf(first.body.id);
  const claimed = rows.filter(({ state }) => state === 'claimed');
  expect(new Set(claimed.map(({ domain }) => domain)).size).toBe(counts.claimed);
  await until(
    'the last values of SES',
    () => rowsOf(first.body.id),
    (all) => all.every(({ sending }) => sending !== 'waiting'),
    120,
  );
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${ROWS} rows: accepted within ${Math.round(acceptedMs)} ms, all with SES's values after ${Math.round(seconds)} s, ${(counts.claimed / seconds).toFixed(2)} domains a second`,
  );
});

test('a dry run claims nothing, and says what a claim would meet', async () => {
  const body = 'externalId,domain\nd-1,co.uk\nd-1,nowhere.import-dry.test\n';
  const dry = await send(body, '?dryRun=true', 'two');
  await done(dry.body.id);
  const rows = await rowsOf(dry.body.id);
  expect(rows).toMatchObject([
    { state: 'failed', code: 'domain-is-public-suffix' },
    { state: 'forecast', forecast: { oneClick: false } },
  ]);
  const tenant = await platform.request('GET', '/v1/tenants/d-1');
  expect(tenant.status).toBe(404);
});
