import { describe, expect, test } from 'vitest';
import { billFor, gigabyteSeconds, idleBill, services, totalOf } from '../../../cli/cost/bill.ts';
import { compared } from '../../../cli/cost/compare.ts';
import { perMail } from '../../../cli/cost/usage.ts';

const million = { domains: 1, messages: 1_000_000, smtp: false };

describe('a bill', () => {
  test('of no use is that of what a deployment has', () => {
    expect(billFor({ domains: 0, messages: 0, smtp: false })).toEqual(idleBill());
    expect(totalOf(idleBill()) - idleBill()['CloudWatch alarms']).toBeLessThan(9);
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

  test('has the metrics of mail where there is mail', () => {
    expect(idleBill()['CloudWatch metrics']).toBe(0);
    expect(billFor(million)['CloudWatch metrics']).toBeCloseTo(0.6);
  });

  test('has what is stored twice: the table, and its copies for a restore', () => {
    const more = billFor({ ...million, messages: 2_000_000 });
    const { writeUnits, readUnits } = perMail.api;
    const units = writeUnits * 0.625 + readUnits * 0.125;
    // 1,100 octets for three months.
    expect(more.DynamoDB - billFor(million).DynamoDB).toBeCloseTo(units + 3.3 * (0.25 + 0.2));
  });

  test('of mail by SMTP has the load balancer and the containers, and no call of the API', () => {
    const bill = billFor({ ...million, smtp: true });
    expect(bill['Load balancer and containers']).toBeGreaterThan(60);
    expect(bill['API Gateway']).toBe(0);
  });

  test('has what SES charges for the mail and its octets', () => {
    expect(billFor(million)['Amazon SES']).toBeCloseTo(100.6);
  });
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
