import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cdkContext, repository, stacksOf, synthesize, synthesized } from './synthesized.ts';

const texts = () => synthesize().stacks.map(({ template }) => JSON.stringify(template));

/** Plants what each rule refuses. */
function plantFaults(app: App): void {
  const stack = new Stack(app, 'Planted', { env: { region: 'eu-west-1' } });
  const lambda = {
    code: { zipFile: 'exports.handler = async () => {};' },
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    role: 'arn:aws:iam::123456789012:role/planted',
  };
  const queue = new Queue(stack, 'Queue');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::mine/*'] }),
  );
  const small = new CfnFunction(stack, 'NoMemory', lambda);
  const slow = new CfnFunction(stack, 'TooSlow', { ...lambda, timeout: 901 });
  expect([queue.fifo, small.memorySize, slow.timeout]).toEqual([false, undefined, 901]);
}

describe('the synthesis', () => {
  let findings: string;
  beforeAll(() => {
    try {
      synthesize({}, plantFaults);
    } catch (error) {
      findings = (error as Error).message;
    }
  });

  it.each([
    ['what cdk-nag finds in AWS Solutions', /AwsSolutions-SQS4/],
    [
      'a wildcard in a policy that has no reason',
      /AwsSolutions-IAM5\[Resource::arn:aws:s3:::mine\/\*\]/,
    ],
    ['what cdk-nag finds in Serverless', /Serverless-LambdaDefaultMemorySize/],
    ['a template that CloudFormation would', /CloudFormation Validate/],
  ])('refuses %s', (_what, finding) => {
    expect(findings).toMatch(finding);
  });

  it('passes with no finding, and without what only a deployed account knows', () => {
    const { missing, stacks } = synthesized();

    expect(missing).toEqual([]);
    expect(stacks.map(({ stackName }) => stackName).sort()).toEqual([
      'sender-domains-access',
      'sender-domains-audit',
      'sender-domains-dashboard',
      'sender-domains-data',
      'sender-domains-disclosure',
      'sender-domains-dns',
      'sender-domains-events',
      'sender-domains-monitoring',
      'sender-domains-onboarding',
      'sender-domains-operations',
      'sender-domains-outbound',
      'sender-domains-platform',
      'sender-domains-publishing',
      'sender-domains-reports',
      'sender-domains-rotation',
      'sender-domains-sender-policy',
      'sender-domains-smtp',
      'sender-domains-users',
      'sender-domains-verification',
    ]);
  });

  it('gives the same templates each time', () => {
    expect(texts()).toEqual(texts());
  });

  it('needs no network, no account and no credentials', () => {
    const output = mkdtempSync(join(tmpdir(), 'cdk-out-'));
    // A process of its own: no credentials, a home without any, and every connection and lookup
    // fails.
    const noNetwork = `
      const refuse = () => { throw new Error('the synthesis used the network'); };
      require('node:net').Socket.prototype.connect = refuse;
      require('node:dns').lookup = refuse;
      require('node:dgram').createSocket = refuse;
    `;
    try {
      execFileSync(
        process.execPath,
        [
          '--import',
          `data:text/javascript,${encodeURIComponent(`import { createRequire } from 'node:module'; const require = createRequire('file:///'); ${noNetwork}`)}`,
          'infra/bin/synth.ts',
        ],
        {
          cwd: repository,
          env: {
            PATH: process.env['PATH'],
            HOME: output,
            CDK_OUTDIR: output,
            CDK_CONTEXT_JSON: JSON.stringify({ ...cdkContext, 'aws:cdk:bundling-stacks': [] }),
          },
          stdio: 'pipe',
        },
      );
      const templates = readdirSync(output).filter((name) => name.endsWith('.template.json'));
      expect(templates).toHaveLength(stacksOf({ rotation: {}, smtp: {} }).length);
    } finally {
      rmSync(output, { recursive: true });
    }
  });

  it('ends with the problem, and no stack trace, on a wrong configuration', () => {
    const output = mkdtempSync(join(tmpdir(), 'cdk-out-'));
    const synth = () =>
      execFileSync(process.execPath, ['infra/bin/app.ts'], {
        cwd: repository,
        env: {
          PATH: process.env['PATH'],
          CDK_OUTDIR: output,
          CDK_CONTEXT_JSON: JSON.stringify({ 'sender-domains': { shards: 0 } }),
        },
        stdio: 'pipe',
        encoding: 'utf8',
      });
    try {
      expect(synth).toThrow(
        expect.objectContaining({
          status: 1,
          stderr:
            'The configuration in cdk.json (context key "sender-domains") is wrong:\n' +
            '  shards: 0 cannot be used; give at least 1.\n',
        }),
      );
    } finally {
      rmSync(output, { recursive: true });
    }
  });
});
