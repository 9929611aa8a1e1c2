import { describe, expect, test } from 'vitest';
import { billFor, gigabyteSeconds, idleBill, services, totalOf } from '../../../cli/cost/bill.ts';
import { compared } from '../../../cli/cost/compare.ts';
import { perMail, sharedWrites } from '../../../cli/cost/usage.ts';

const million = { domains: 1, messages: 1_000_000, smtp: false };

describe('a bill', () => {
  test('of no use is that of what a deployment has', () => {
    expect(billFor({ domains: 0, messages: 0, smtp: false })).toEqual(idleBill());
    // With its alarms, the canary and the monitor, and the metrics of those.
    expect(totalOf(idleBill())).toBeLessThan(15.5);
  });

  test('grows with each mail and each domain, and has a line for each service', () => {
    const bill = billFor(million);
    expect(Object.keys(bill)).toEqual([...services]);
    const more = billFor({ ...million, messages: 2_000_000 });
    expect(totalOf(more) - totalOf(bill)).toBeGreaterThan(100);
    const domains = billFor({ ...million, domains: 101 });
    expect(domains.KMS).toBeGreaterThan(bill.KMS);
  });

  test('has the scheduled calls of each minute, also where nobody uses it', () => {
    // Five functions, 43,800 minutes, a dollar a million.
    expect(idleBill().EventBridge).toBeCloseTo(0.219);
  });

  test('has the metrics that alarms watch, with mail and without', () => {
    expect(idleBill()['CloudWatch metrics']).toBeGreaterThan(0);
    expect(billFor(million)['CloudWatch metrics']).toBe(idleBill()['CloudWatch metrics']);
  });

  test('has what is stored twice: the table, and its copies for a restore', () => {
    const more = billFor({ ...million, messages: 2_000_000 });
    const { writeUnits, readUnits } = perMail.api;
    const units = (writeUnits + sharedWrites) * 0.625 + readUnits * 0.125;
    // 1,100 octets for three months.
    expect(more.DynamoDB - billFor(million).DynamoDB).toBeCloseTo(units + 3.3 * (0.25 + 0.2));
  });

  test('of mail by SMTP has the load balancer and the containers, and no call of the API', () => {
    const bill = billFor({ ...million, smtp: true });
    expect(bill['Load balancer and containers']).toBeGreaterThan(60);
    // But for the canary.
    expect(bill['API Gateway']).toBe(idleBill()['API Gateway']);
  });

  test('has what SES charges for the mail and its octets', () => {
    const canary = idleBill()['Amazon SES'];
    expect(billFor(million)['Amazon SES'] - canary).toBeCloseTo(100.6);
  });
});

test('a million mails cost at most 14 dollars of our own calls, and two for what is kept and DNS queries', () => {
  const more = billFor({ ...million, messages: 2_000_000 });
  const own = (bill: typeof more): number => totalOf(bill) - bill['Amazon SES'];
  const each = own(more) - own(billFor(million));
  // 1,100 octets in the table and its copies for three months, and a query of our zones.
  const kept = 3.3 * (0.25 + 0.2) + 0.4;
  expect(each - kept).toBeLessThan(14);
  expect(each).toBeLessThan(16);
});

test('a mail keeps functions busy for a tenth of a gigabyte-second', () => {
  expect(gigabyteSeconds(perMail.api)).toBeGreaterThan(0.05);
  expect(gigabyteSeconds(perMail.api)).toBeLessThan(0.3);
});

test('others ask for the smallest plan that has the mails, or for the largest several times', () => {
  const asked = Object.fromEntries(compared(250_000));
  expect(asked).toMatchObject({ SendGrid: 249, Postmark: 245 });
  expect(Object.fromEntries(compared(5_000_000))['SendGrid']).toBe(2 * 1_099);
});
