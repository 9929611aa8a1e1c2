import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { cdkContext, givenApp, repository } from './synthesized.ts';

const plant = (app: App): Stack => new Stack(app, 'Planted', { env: { region: 'eu-west-1' } });

const templates = () =>
  givenApp()
    .synth()
    .stacks.map(({ template }) => JSON.stringify(template));

describe('the synthesis', () => {
  it('refuses what cdk-nag finds in AWS Solutions', () => {
    const app = givenApp();
    const planted = new Queue(plant(app), 'Queue');

    expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
    expect(planted.fifo).toBe(false);
  });

  it('refuses a wildcard in a policy that has no reason', () => {
    const app = givenApp();
    new Role(plant(app), 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    }).addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::mine/*'] }),
    );

    expect(() => app.synth()).toThrow(/AwsSolutions-IAM5\[Resource::arn:aws:s3:::mine\/\*\]/);
  });

  it('refuses what cdk-nag finds in Serverless', () => {
    const app = givenApp();
    const planted = new CfnFunction(plant(app), 'Function', {
      code: { zipFile: 'exports.handler = async () => {};' },
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      role: 'arn:aws:iam::123456789012:role/planted',
    });

    expect(() => app.synth()).toThrow(/Serverless-LambdaDefaultMemorySize/);
    expect(planted.memorySize).toBeUndefined();
  });

  it('refuses a template that CloudFormation would', () => {
    const app = givenApp();
    const planted = new CfnFunction(plant(app), 'Function', {
      code: { zipFile: 'exports.handler = async () => {};' },
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      role: 'arn:aws:iam::123456789012:role/planted',
      timeout: 901,
    });

    expect(() => app.synth()).toThrow(/CloudFormation Validate/);
    expect(planted.timeout).toBe(901);
  });

  it('passes with no finding, and without what only a deployed account knows', () => {
    const assembly = givenApp().synth();

    expect(assembly.manifest.missing ?? []).toEqual([]);
    expect(assembly.stacks.map(({ stackName }) => stackName).sort()).toEqual([
      'sender-domains-access',
      'sender-domains-dashboard',
      'sender-domains-data',
      'sender-domains-disclosure',
      'sender-domains-dns',
      'sender-domains-events',
      'sender-domains-onboarding',
      'sender-domains-operations',
      'sender-domains-outbound',
      'sender-domains-publishing',
      'sender-domains-reports',
      'sender-domains-rotation',
      'sender-domains-sender-policy',
      'sender-domains-users',
      'sender-domains-verification',
    ]);
  });

  it('gives the same templates each time', () => {
    expect(templates()).toEqual(templates());
  });

  it('needs no network, no account and no credentials', () => {
    const output = mkdtempSync(join(tmpdir(), 'cdk-out-'));
    // A process of its own: no credentials, a home without any, and every connection and look-up fails.
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
          'infra/bin/app.ts',
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
      expect(templates).toHaveLength(givenApp({ rotation: {} }).synth().stacks.length);
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
