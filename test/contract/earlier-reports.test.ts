import { gzipSync } from 'node:zlib';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { labelOf } from '#shared/core/model/names.ts';
import { earlierReportKey, reportKey } from '#shared/core/reports/identity.ts';
import { type Dynamo, startDynamo } from '../support/dynamo.ts';
import { givenGroup } from '../unit/core/reports/given-day.ts';

const label = labelOf(new Uint8Array(16).fill(5));
const day = '2026-11-02';
const report = {
  organization: 'google.com',
  reportId: '1',
  domain: 'shop.example',
  begin: 1_793_577_600,
  end: 1_793_663_999,
};
/** As version 0.2 wrote it: keys without hours, no unreadable rows, groups without their name. */
const earlier = {
  label,
  sk: `${day}#verified#google.com`,
  revision: 1,
  expiresAt: 1_828_137_600,
  reporter: 'google.com',
  keys: [earlierReportKey(report)],
  organizations: ['google.com'],
  groups: gzipSync(JSON.stringify([givenGroup()])),
};

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.reports, Item: earlier }));
});
afterAll(() => dynamo.close());

const store = () => dynamoReportStore(dynamo.client, dynamo.tables.reports);

describe('reports that version 0.2 stored', () => {
  const common = { label, day, reporter: 'google.com', organization: 'google.com' };

  test('are read', async () => {
    expect((await store().read(label, day, day)).aggregates).toEqual([
      {
        day,
        reporter: 'google.com',
        reports: 1,
        coarseReports: [],
        unreadableRows: 0,
        organizations: ['google.com'],
        groups: [givenGroup()],
      },
    ]);
  });

  test('are not counted again, and others are added to them', async () => {
    const again = {
      ...common,
      key: reportKey(report),
      earlierKey: earlierReportKey(report),
      coarse: false,
      unreadableRows: 0,
      groups: [givenGroup()],
    };
    expect(await store().add(again)).toBe('counted-earlier');
    const next = { ...report, reportId: '2' };
    expect(
      await store().add({
        ...again,
        key: reportKey(next),
        earlierKey: earlierReportKey(next),
        unreadableRows: 2,
        groups: [givenGroup({ messages: 7 })],
      }),
    ).toBe('added');
    expect((await store().read(label, day, day)).aggregates).toMatchObject([
      { reports: 2, unreadableRows: 2, groups: [{ messages: 17 }] },
    ]);
  });
});
