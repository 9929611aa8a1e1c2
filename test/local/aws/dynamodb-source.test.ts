import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findDynamoDb } from '../../../local/aws/dynamodb-source.ts';
import { withoutDynamoDb } from '../../support/without-dynamo-db.ts';
import { remove, temporaryDirectory } from './stand-ins.ts';

let folder: string;

beforeEach(() => {
  folder = temporaryDirectory();
});

afterEach(() => {
  remove(folder);
});

function givenProgram(name: string, mode = 0o755): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const file = join(folder, 'bin', name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
  return file;
}

const mac = (env: Record<string, string> = {}) => ({ platform: 'darwin', arch: 'none', env });
const PATH = (): string => `/nowhere:${join(folder, 'bin')}`;
const endpoint = 'http://127.0.0.1:8000';

describe('DynamoDB is', () => {
  test('the binary of the npm package, where there is one for the machine', () => {
    const machine = { platform: process.platform, arch: process.arch };
    givenProgram('dynoxide');
    const env = { PATH: PATH(), AWS_ENDPOINT_URL_DYNAMODB: endpoint };
    expect(findDynamoDb({ ...machine, env })).toEqual({
      binary: expect.stringContaining(`@dynoxide/${process.platform}-${process.arch}/dynoxide`),
    });
  });

  test('else dynoxide on the PATH', () => {
    const binary = givenProgram('dynoxide');
    const env = { PATH: PATH(), AWS_ENDPOINT_URL_DYNAMODB: endpoint };
    expect(findDynamoDb(mac(env))).toEqual({ binary });
  });

  test('else the endpoint that the environment names', () => {
    givenProgram('dynoxide', 0o644);
    const env = { PATH: PATH(), AWS_ENDPOINT_URL_DYNAMODB: endpoint };
    expect(findDynamoDb(mac(env))).toEqual({ endpoint });
  });

  test('else missing, which one sentence explains', () => {
    expect(() => findDynamoDb(mac({ AWS_ENDPOINT_URL_DYNAMODB: '' }))).toThrow(
      /^There is no DynamoDB for this machine \(darwin-none\): install dynoxide \([^.]*\.com\/[^.]*\), or start DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its address\.$/,
    );
  });
});

describe('where there is no DynamoDB', () => {
  test('the tests that need one are left out, and only those', () => {
    const files = withoutDynamoDb(mac());
    expect(files).toEqual(
      expect.arrayContaining([
        'test/contract/claim-store.test.ts',
        'test/local/runtime/deployment.test.ts',
        'test/local/aws/dynoxide.test.ts',
        'test/e2e/story.test.ts',
      ]),
    );
    for (const other of ['test/contract/mailer.test.ts', 'test/local/aws/kms.test.ts']) {
      expect(files).not.toContain(other);
    }
  });

  test('CI leaves none out, and fails', () => {
    expect(withoutDynamoDb(mac({ CI: 'true' }))).toEqual([]);
  });
});
