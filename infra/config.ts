import { readFileSync } from 'node:fs';
import * as z from 'zod';

/**
 * What an operator decides about a deployment. The defaults synthesize as they are; the values
 * come from the `sender-domains` key of cdk.json's context or from a JSON file (`readConfig`).
 */

const ldh = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const dnsLabel = new RegExp(`^${ldh}$`);
const dnsName = new RegExp(`^(?:${ldh}\\.)+${ldh}$`);
const spfMechanism = new RegExp(
  `^(?:(?:include|a|mx|exists):(?:${ldh}\\.)+${ldh}|ip4:[0-9.]+(?:/[0-9]{1,2})?|ip6:[0-9a-f:.]+(?:/[0-9]{1,3})?)$`,
);

/** The label of a claim is 26 characters; the longest hosted name has it between selector and shard. */
const LABEL_LENGTH = 26;
const DNS_NAME_LENGTH = 253;
/** An SPF record and its name together (RFC 7208 §3.4). */
const SPF_LENGTH = 450;
const MAX_REPORTERS_LENGTH = 2_000;

const domain = z
  .string()
  .regex(dnsName, 'give a domain name in lower-case A-labels without a trailing dot');
const label = z
  .string()
  .regex(dnsLabel, 'give one DNS label: 1 to 63 lower-case letters, digits and inner hyphens');
/** `address` or `address:port`, an IPv6 address with a port in brackets. */
const resolver = z
  .string()
  .regex(
    /^(?:[0-9.]+(?::[0-9]{1,5})?|[0-9a-f:]+|\[[0-9a-f:]+\]:[0-9]{1,5})$/,
    'give an IP address, or address:port',
  );

/** `address@domain`, or a domain. */
const reporter = z
  .string()
  .regex(
    new RegExp(`^(?:[a-z0-9._+-]{1,64}@)?(?:${ldh}\\.)+${ldh}$`),
    'give an address or a domain in lower case',
  );
const atLeastOne = z.int('give a whole number').min(1, 'give at least 1');
const days = atLeastOne.max(365, 'give at most 365');

const schema = z
  .strictObject({
    /** Prefix of every name: stacks, functions, tables, queues. Two deployments in one account and region need two names. */
    name: z
      .string()
      .regex(
        /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/,
        'give 1 to 24 lower-case letters, digits and inner hyphens, beginning with a letter',
      )
      .default('sender-domains'),
    /** Where everything runs; SES must be available there. */
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-[0-9]$/, 'give an AWS region, such as eu-west-1')
      .default('eu-west-1'),
    /** The account to deploy to; without it the account of the credentials that deploy. */
    account: z
      .string()
      .regex(/^[0-9]{12}$/, 'give the 12 digits of an AWS account')
      .optional(),
    /** The zone that is delegated to this service; every hosted name lies below it. Never change it once customers point at it. */
    zone: domain.default('sender-domains.example'),
    /** How many shards there are, each a hosted zone for about 1,250 claims. May only grow. */
    shards: z
      .int('give a whole number')
      .min(1, 'give at least 1')
      .max(200, 'give at most 200')
      .default(4),
    /** The three DKIM selectors that customers publish; never change them once customers point at them. */
    selectors: z.tuple([label, label, label]).default(['zero', 'one', 'two']),
    /** The label of the custom MAIL FROM domain below each customer's domain. */
    bounceLabel: label.default('bounces'),
    /** SPF mechanisms of the service's own senders. */
    senders: z
      .array(
        z
          .string()
          .regex(spfMechanism, 'give an SPF mechanism with its value, such as include:example.com'),
      )
      .min(1, 'give at least one')
      .default(['include:amazonses.com']),
    dns: z
      .strictObject({
        /** Recursive resolvers that checks ask. */
        resolvers: z
          .array(resolver)
          .min(1, 'give at least one')
          .default(['1.1.1.1', '8.8.8.8', '9.9.9.9']),
        /** The port of authoritative servers; 53 wherever DNS is the real one. */
        authoritativePort: z
          .int('give a whole number')
          .min(1, 'give 1 to 65535')
          .max(65_535, 'give 1 to 65535')
          .default(53),
      })
      .prefault({}),
    outbound: z
      .strictObject({
        /** Domains that mail may leave unsigned from; none unless you list it. */
        unsignedAllowed: z.array(domain).max(30, 'give at most 30').default([]),
        /** Seconds that an unclear chunk waits for an SES event to settle it; events mostly come within seconds, in an outage of SES much later. */
        unclearSeconds: z
          .int('give a whole number')
          .min(5, 'give at least 5')
          .max(86_400, 'give at most 86400')
          .default(900),
        /** What becomes of a chunk that no event settled: `resend` risks a double, `hold` a loss until someone looks. */
        unclearPolicy: z
          .enum(['resend', 'hold'], { error: 'give resend or hold' })
          .default('resend'),
        /** How many signers may run at once; raise it with the account's SES send rate. */
        concurrency: z
          .int('give a whole number')
          .min(2, 'give at least 2, the least that SQS allows')
          .max(1000, 'give at most 1000')
          .default(10),
      })
      .prefault({}),
    reports: z
      .strictObject({
        /**
         * Whose DMARC reports count as evidence, once their own mail proves that they sent them:
         * addresses, or domains for any address at them or below. Give addresses where others can
         * have mail sent from the domain.
         */
        reporters: z
          .array(reporter)
          .min(1, 'give at least one')
          .default([
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
          ]),
        /** What a step of a domain's DMARC plan takes. */
        rollOut: z
          .strictObject({
            /** Days that `none` lasts at least, and that its evidence is of. */
            noneDays: days.default(28),
            /** Days that `quarantine` lasts at least, and that its evidence is of. */
            quarantineDays: days.default(14),
            /** Reporters that must have seen mail of the domain's own sources. */
            reporters: atLeastOne.default(2),
            /** How much of it they must have seen. */
            messages: atLeastOne.default(1000),
            /** The share of it that must have passed. */
            passRate: z.number().min(0.9, 'give 0.9 to 1').max(1, 'give 0.9 to 1').default(0.995),
            /** For domains with less mail: days, and how much mail in them, of any reporter. */
            slowDays: days.default(56),
            slowMessages: atLeastOne.default(50),
          })
          .prefault({}),
      })
      .prefault({}),
    rotation: z
      .strictObject({
        /** When the monthly rotation starts: an EventBridge Scheduler expression, in UTC. */
        schedule: z
          .string()
          .regex(
            /^(?:cron|rate)\([^()]+\)$/,
            'give a cron(...) or rate(...) expression of EventBridge Scheduler',
          )
          .default('cron(0 3 1 * ? *)'),
        /** Domains of your own, held by a tenant of yours, which rotate before anybody else's. */
        ownDomains: z.array(domain).max(20, 'give at most 20').default([]),
        /**
         * Whether tenants may have the private halves of retired keys published. Switches on a function
         * that may unwrap them, beside the signer.
         */
        disclosure: z.boolean('give true or false').default(false),
        /** The part of the quotas below that the rotation may use; the rest is for onboarding and emergencies. */
        share: z.number().gt(0, 'give more than 0').max(1, 'give at most 1').default(0.8),
        /** The account's quota of RSA-2048 key pairs that KMS makes a second. */
        keyPairsPerSecond: z.number().gt(0, 'give more than 0').default(20),
        /** The account's quota of Route 53 changes a second, of which a new key takes two. */
        changesPerSecond: z.number().gt(0, 'give more than 0').default(100),
        /** Minutes that sampled mail is verified after each wave before the next one begins. */
        watchMinutes: z
          .int('give a whole number')
          .min(0, 'give 0 to 1440')
          .max(1440, 'give 0 to 1440')
          .default(60),
      })
      .prefault({}),
    /**
     * Domain Connect, by which a customer's DNS provider writes the records itself; off unless it is
     * given. Providers take templates on by hand: see docs/deploy.md.
     */
    domainConnect: z
      .strictObject({
        /** A domain of yours; names the template, together with `serviceId`. */
        providerId: domain.max(63, 'give at most 63 characters'),
        /** Your name, as DNS providers show it to customers. */
        providerName: z.string().min(1, 'give a name').max(64, 'give at most 64 characters'),
        /** Names the template among those of your `providerId`. */
        serviceId: z
          .string()
          .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'give 1 to 63 lower-case letters, digits, . _ -')
          .default('sender-domains'),
        /** The service's name, as DNS providers show it to customers. */
        serviceName: z.string().min(1, 'give a name').max(255, 'give at most 255 characters'),
        /** A picture that DNS providers may show. */
        logoUrl: z.url({ protocol: /^https$/, error: 'give an https URL' }).optional(),
        /** The host that customers reach the dashboard at, which they come back to. */
        dashboard: domain,
      })
      .optional(),
    alarms: z
      .strictObject({
        /** Subscribed to both alarm topics; AWS asks it to confirm. */
        email: z.email('give an email address').optional(),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const selectors = new Set(config.selectors);
    if (selectors.size !== config.selectors.length) {
      context.addIssue({
        code: 'custom',
        path: ['selectors'],
        message: 'give three different selectors',
      });
    }
    const longest = Math.max(...config.selectors.map((selector) => selector.length));
    const room =
      DNS_NAME_LENGTH -
      (longest + '._domainkey.'.length + LABEL_LENGTH + `.s${config.shards}.`.length);
    if (config.zone.length > room) {
      context.addIssue({
        code: 'custom',
        path: ['zone'],
        message: `give a zone of at most ${room} characters, so that the names below it stay within ${DNS_NAME_LENGTH}`,
      });
    }
    if (config.reports.reporters.join(',').length > MAX_REPORTERS_LENGTH) {
      context.addIssue({
        code: 'custom',
        path: ['reports', 'reporters'],
        message: `give fewer reporters: together at most ${MAX_REPORTERS_LENGTH} characters, since a function's variables must fit 4 KB`,
      });
    }
    const senders =
      SPF_LENGTH -
      ('_mailfrom.'.length + LABEL_LENGTH + `.s${config.shards}.`.length + config.zone.length) -
      'v=spf1  ~all'.length;
    if (config.senders.join(' ').length > senders) {
      context.addIssue({
        code: 'custom',
        path: ['senders'],
        message: `give fewer senders: together at most ${senders} characters, which leave the name of their record its part of ${SPF_LENGTH} (RFC 7208 §3.4)`,
      });
    }
  });

export type Config = z.output<typeof schema>;

/** A configuration that cannot be deployed; the message names each field, its value, and what to give. */
export class ConfigError extends Error {
  constructor(source: string, problems: readonly string[]) {
    super(
      [`The configuration in ${source} is wrong:`, ...problems.map((line) => `  ${line}`)].join(
        '\n',
      ),
    );
    this.name = 'ConfigError';
  }
}

/**
 * Validates a configuration and fills in the defaults.
 *
 * @param source where it was read, for the message
 * @throws ConfigError
 */
export function parseConfig(input: unknown, source: string): Config {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    source,
    parsed.error.issues.map((issue) => explain(issue, input)),
  );
}

function explain(issue: z.core.$ZodIssue, input: unknown): string {
  const field = issue.path.join('.') || 'the configuration';
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ');
    return `${field}: there is no option ${issue.keys.map((key) => `"${key}"`).join(', ')}; remove it${issue.path.length === 0 ? ` (the options are ${known})` : ''}.`;
  }
  return `${field}: ${JSON.stringify(valueAt(input, issue.path)) ?? 'nothing'} cannot be used; ${advice(issue)}.`;
}

function advice(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && !issue.message.startsWith('give ')
    ? `give ${issue.expected === 'object' ? 'an object' : `a value of type ${issue.expected}`}`
    : issue.message;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}

/**
 * Finds the configuration: the file of `-c config=path`, else the file that the environment
 * variable SENDER_DOMAINS_CONFIG names, else the context key `sender-domains`. One of them holds
 * all of it; they are not merged.
 *
 * @param context reads a context key of the app
 * @throws ConfigError
 */
export function readConfig(
  context: (key: string) => unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const file = context('config') ?? environment['SENDER_DOMAINS_CONFIG'];
  if (file === undefined) {
    return parseConfig(context('sender-domains') ?? {}, 'cdk.json (context key "sender-domains")');
  }
  if (typeof file !== 'string') {
    throw new ConfigError('the context key "config"', ['give the path of a JSON file.']);
  }
  return parseConfig(readJson(file), file);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [`the file cannot be read (${(error as Error).message}).`]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(file, [`the file is not JSON (${(error as Error).message}).`]);
  }
}
