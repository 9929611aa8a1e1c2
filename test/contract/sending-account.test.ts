import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendingAccountClient, sesSendingAccount } from '#shared/adapters/aws/sending-account.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { AwsError, HANG_UP, type AwsResponse } from '../../local/aws/http.ts';
import { errorResponse } from '../../local/aws/errors.ts';
import { v2Response } from '../../local/aws/ses-v2.ts';
import { clientConfig, gatewayFor } from '../local/aws/stand-ins.ts';

let gateway: Gateway;
let answers: (AwsResponse | typeof HANG_UP)[];
let asked: number;
let now: number;

beforeEach(async () => {
  answers = [];
  asked = 0;
  now = Date.parse('2026-11-20T10:00:00.000Z');
  gateway = await gatewayFor({
    ses: async () => {
      asked += 1;
      return answers.shift() ?? account(true);
    },
  });
});
afterEach(() => gateway.close());

const account = (ProductionAccessEnabled: boolean) => v2Response({ ProductionAccessEnabled });
const failures: unknown[] = [];
const given = () =>
  sesSendingAccount(
    sendingAccountClient(clientConfig(gateway)),
    { now: () => new Date(now) },
    (error) => void failures.push(error),
  );
const pass = (minutes: number) => (now += minutes * 60_000);

test('an account in the sandbox is known for 5 minutes, one out of it for an hour', async () => {
  answers = [account(false), account(true)];
  const sending = given();
  expect(await Promise.all([sending.isSandboxed(), sending.isSandboxed()])).toEqual([true, true]);
  pass(4);
  expect(await sending.isSandboxed()).toBe(true);
  expect(asked).toBe(1);
  pass(2);
  expect(await sending.isSandboxed()).toBe(false);
  pass(50);
  expect(await sending.isSandboxed()).toBe(false);
  expect(asked).toBe(2);
  pass(11);
  await sending.isSandboxed();
  expect(asked).toBe(3);
});

test('a failure is logged, changes nothing that is known, and is tried again after a minute', async () => {
  const throttled = errorResponse(new AwsError('TooManyRequestsException', 'no', 429), 'rest-json');
  answers = [HANG_UP, account(false), throttled, account(true)];
  const sending = given();
  expect(await sending.isSandboxed()).toBeUndefined();
  expect(await sending.isSandboxed()).toBeUndefined();
  pass(2);
  expect(await sending.isSandboxed()).toBe(true);
  pass(6);
  expect(await sending.isSandboxed()).toBe(true);
  pass(2);
  expect(await sending.isSandboxed()).toBe(false);
  expect(asked).toBe(4);
  expect(failures).toHaveLength(2);
});
