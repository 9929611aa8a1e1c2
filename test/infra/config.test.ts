import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, parseConfig, readConfig } from '../../infra/config.ts';
import { cdkContext } from './synthesized.ts';

/** The message that a wrong configuration is answered with. */
function problemsOf(input: unknown): string {
  try {
    parseConfig(input, 'the test');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken as right');
}

describe('a configuration', () => {
  it('that says nothing gets the defaults', () => {
    expect(parseConfig({}, 'the test')).toEqual({
      name: 'sender-domains',
      region: 'eu-west-1',
      zone: 'sender-domains.example',
      shards: 4,
      selectors: ['zero', 'one', 'two'],
      bounceLabel: 'bounces',
      senders: ['include:amazonses.com'],
      dns: { resolvers: ['1.1.1.1', '8.8.8.8', '9.9.9.9'], authoritativePort: 53 },
      ses: { identityQuota: 10_000, identityAlarm: 80 },
      outbound: {
        unsignedAllowed: [],
        unclearSeconds: 900,
        unclearPolicy: 'resend',
        holdHours: 4,
        concurrency: 10,
        events: 'webhooks',
      },
      pending: { claimDays: 180, linkDays: 180 },
      smtp: { enabled: false, minimumTasks: 2, maximumTasks: 10 },
      delegation: { zones: 100 },
      tables: {},
      users: { mfa: 'required' },
      budgets: {
        'calls-minute': 1_200,
        'claims-hour': 60,
        'delegated-claims-day': 10,
        'deletions-hour': 60,
        'pending-claims': 50,
        checks: 4,
        'waiting-records': 2,
        'dns-requests-minute': 60,
        'recipients-minute': 2_000,
        'recipients-day': 50_000,
        'suppressions-day': 1_000_000,
        'invitations-day': 20,
        'hand-over-mails-day': 50,
        'invitation-interval': 900,
        'webhook-replays-hour': 10_000,
        'webhook-seconds-minute': 60,
        'platform-claims-day': 20_000,
        'platform-pending-claims': 10_000,
        'import-rows-day': 100_000,
        'shared-calls-minute': 60,
        'upload-megabytes-day': 5000,
      },
      reports: {
        reporters: [
          'noreply-dmarc-support@google.com',
          'dmarcreport@microsoft.com',
          'noreply@dmarc.yahoo.com',
          'dmarc_support@corp.mail.ru',
          'reports@fastmaildmarc.com',
          'noreply-dmarc@zoho.com',
          'noreply-dmarc@sicher.gmx.net',
          'noreply-dmarc@sicher.web.de',
          'postmaster@amazonses.com',
          'mimecastreport.com',
        ],
        rollOut: {
          noneDays: 28,
          quarantineDays: 14,
          reporters: 2,
          messages: 1000,
          passRate: 0.995,
          slowDays: 56,
          slowMessages: 50,
        },
      },
      reputation: {
        mode: 'enforce',
        bounces: { slow: 5, pause: 10 },
        complaints: { slow: 0.3, pause: 1 },
      },
      rotation: {
        schedule: 'cron(0 3 1 * ? *)',
        ownDomains: [],
        share: 0.8,
        keyPairsPerSecond: 20,
        changesPerSecond: 100,
        watchMinutes: 60,
        disclosure: false,
      },
      concurrency: { authorizer: 0, messages: 0 },
      alarms: {},
    });
  });

  it('of cdk.json is right', () => {
    expect(() => parseConfig(cdkContext['sender-domains'], 'cdk.json')).not.toThrow();
  });

  it('may name one part of a section', () => {
    const { dns } = parseConfig({ dns: { resolvers: ['127.0.0.1:5353'] } }, 'the test');

    expect(dns).toEqual({ resolvers: ['127.0.0.1:5353'], authoritativePort: 53 });
  });

  it.each([
    [{ shards: 201 }, 'shards: 201 cannot be used; give at most 200.'],
    [{ shards: 0 }, 'shards: 0 cannot be used; give at least 1.'],
    [{ shards: '4' }, 'shards: "4" cannot be used; give a whole number.'],
    [
      { zone: 'Example.com.' },
      'zone: "Example.com." cannot be used; give a domain name in lower-case A-labels without a trailing dot.',
    ],
    [{ name: 'Bad Name' }, 'name: "Bad Name" cannot be used; give 1 to 24 lower-case letters'],
    [{ region: 'Ireland' }, 'region: "Ireland" cannot be used; give an AWS region'],
    [{ account: 123 }, 'account: 123 cannot be used; give'],
    [
      { selectors: ['zero', 'zero', 'two'] },
      'selectors: ["zero","zero","two"] cannot be used; give three different selectors.',
    ],
    [{ selectors: ['zero', 'one'] }, 'selectors'],
    [{ bounceLabel: 'a.b' }, 'bounceLabel: "a.b" cannot be used; give one DNS label'],
    [
      { senders: ['v=spf1 include:example.com'] },
      'senders.0: "v=spf1 include:example.com" cannot be used; give an SPF mechanism',
    ],
    [
      { senders: Array.from({ length: 21 }, (_, index) => `ip4:192.100.200.${index + 10}`) },
      'together at most 376 characters',
    ],
    [{ senders: [] }, 'senders: [] cannot be used; give at least one.'],
    [{ dns: { resolvers: ['one.one.one.one'] } }, 'dns.resolvers.0: "one.one.one.one" cannot'],
    [
      { outbound: { unclearPolicy: 'drop' } },
      'outbound.unclearPolicy: "drop" cannot be used; give resend or hold.',
    ],
    [
      { reputation: { bounces: { slow: 11 } } },
      'reputation.bounces: {"slow":11} cannot be used; slow must be at most pause',
    ],
    [{ rotation: { schedule: 'monthly' } }, 'rotation.schedule: "monthly" cannot be used; give a'],
    [{ alarms: { email: 'nobody' } }, 'alarms.email: "nobody" cannot be used; give an email'],
    [{ dns: 'google' }, 'dns: "google" cannot be used; give an object.'],
    ['four shards', 'the configuration: "four shards" cannot be used; give an object.'],
  ])('%j is refused with the field, the value and what to give', (input, message) => {
    expect(problemsOf(input)).toContain(message);
  });

  it('with an option that does not exist is refused, with the list of those that do', () => {
    expect(problemsOf({ shardCount: 4 })).toMatch(
      /there is no option "shardCount"; remove it \(the options are name, region, /,
    );
    expect(problemsOf({ dns: { resolver: [] } })).toContain(
      'dns: there is no option "resolver"; remove it.',
    );
  });

  it('reports all faults at once', () => {
    const problems = problemsOf({ shards: 0, zone: 'x' }).split('\n');

    expect(problems[0]).toBe('The configuration in the test is wrong:');
    expect(problems).toHaveLength(3);
  });

  it('with SMTP and a zone too long for a certificate is refused with how long it may be', () => {
    const zone = `${'x'.repeat(51)}.example`;
    const smtp = { enabled: true };

    expect(parseConfig({ zone, smtp }, 'the test').smtp.enabled).toBe(true);
    expect(problemsOf({ zone: `x${zone}`, smtp })).toMatch(/give a zone of at most 59 characters/);
    expect(() => parseConfig({ zone: `x${zone}` }, 'the test')).not.toThrow();
  });

  it('with a zone too long for the names below it is refused with how long it may be', () => {
    const zone = `${'x'.repeat(60)}.`.repeat(3).concat('x'.repeat(40));

    expect(problemsOf({ zone })).toMatch(/give a zone of at most 207 characters/);
    expect(() => parseConfig({ zone: zone.slice(-207) }, 'the test')).not.toThrow();
  });
});

const context = (values: Record<string, unknown>) => (key: string) => values[key];

describe('where the configuration is read', () => {
  let folder: string;
  const inFile = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is cdk.json where nothing else is given', () => {
    expect(readConfig(context({ 'sender-domains': { shards: 7 } }), {}).shards).toBe(7);
  });

  it('is the file of the environment variable before cdk.json, and -c config before both', () => {
    const ofEnvironment = inFile('environment.json', '{"shards":8}');
    const ofContext = inFile('context.json', '{"shards":9}');
    const values = { 'sender-domains': { shards: 7, name: 'other' } };
    const environment = { SENDER_DOMAINS_CONFIG: ofEnvironment };

    const fromEnvironment = readConfig(context(values), environment);
    const fromContext = readConfig(context({ ...values, config: ofContext }), environment);

    expect(fromEnvironment.shards).toBe(8);
    expect(fromEnvironment.name).toBe('sender-domains');
    expect(fromContext.shards).toBe(9);
  });

  it('is named where it cannot be read or is no JSON', () => {
    const missing = join(folder, 'missing.json');
    const broken = inFile('broken.json', '{shards: 4}');

    expect(() => readConfig(context({ config: missing }), {})).toThrow(
      /missing\.json is wrong:\n {2}the file cannot be read \(ENOENT/,
    );
    expect(() => readConfig(context({ config: broken }), {})).toThrow(
      /broken\.json is wrong:\n {2}the file is not JSON/,
    );
  });
});
