import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { adviceOnZone } from './config/names.ts';
import { type Config, schema } from './config/schema.ts';

export type { Config };

/** A configuration that cannot be deployed; the message names each field, its value, and what to give. */
export class ConfigError extends Error {
  /** A sentence each. */
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    super(
      [`The configuration in ${source} is wrong:`, ...problems.map((line) => `  ${line}`)].join(
        '\n',
      ),
    );
    this.name = 'ConfigError';
    this.problems = problems;
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

/**
 * Refuses a configuration that synthesizes and must not be deployed: the placeholders of cdk.json,
 * and nobody who is notified of alarms.
 *
 * @param source where it was read, for the message
 * @throws ConfigError
 */
export function refuseUndeployable(config: Config, source: string): void {
  const problems = undeployable(config);
  if (problems.length > 0) throw new ConfigError(source, problems);
}

/** Returns a sentence for each setting that must not be deployed as it is. */
export function undeployable({ zone, alarms }: Config): string[] {
  const advice = adviceOnZone(zone);
  return [
    ...(advice === undefined
      ? []
      : [`zone: ${JSON.stringify(zone)} cannot be deployed; ${advice}.`]),
    ...(alarms.email === undefined
      ? [
          'alarms.email: nobody would be notified of alarms; give an email address, or null if you subscribe to the topics by other means.',
        ]
      : []),
  ];
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
  const { input, source } = findConfig(context, environment);
  return parseConfig(input, source);
}

/** Finds it as `readConfig` does, with its place for messages. @throws ConfigError */
export function findConfig(
  context: (key: string) => unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly input: unknown; readonly source: string } {
  const file = context('config') ?? environment['SENDER_DOMAINS_CONFIG'];
  if (file === undefined) {
    const source = 'cdk.json (context key "sender-domains")';
    return { input: context('sender-domains') ?? {}, source };
  }
  if (typeof file !== 'string') {
    throw new ConfigError('the context key "config"', ['give the path of a JSON file.']);
  }
  return { input: readJson(file), source: file };
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
