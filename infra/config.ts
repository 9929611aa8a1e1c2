import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { type Config, schema } from './config/schema.ts';

export type { Config };

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
