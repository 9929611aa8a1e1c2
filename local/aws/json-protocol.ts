import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse } from './http.ts';
import { randomUUID } from 'node:crypto';

/** The fields of a JSON request, checked as they are read. */
export class JsonInput {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(body: Buffer) {
    let value: unknown;
    try {
      value = JSON.parse(body.toString('utf8'));
    } catch {
      throw new AwsError('SerializationException', 'The request body is not JSON.');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new AwsError('SerializationException', 'The request body is not a JSON object.');
    }
    this.#fields = value as Record<string, unknown>;
  }

  /** All of them, unchecked. */
  get fields(): Readonly<Record<string, unknown>> {
    return this.#fields;
  }

  /** Refuses fields that the stand-in does not know, so that none is ignored. */
  only(...known: readonly string[]): this {
    for (const name of Object.keys(this.#fields)) {
      if (!known.includes(name)) {
        throw new AwsError('ValidationException', `The stand-in does not support ${name}.`);
      }
    }
    return this;
  }

  optionalString(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    throw new AwsError('SerializationException', `${name} is not a string.`);
  }

  string(name: string): string {
    const value = this.optionalString(name);
    if (value !== undefined) return value;
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value null at '${lowerFirst(name)}' failed to satisfy constraint: Member must not be null`,
    );
  }

  /** A blob, which JSON carries in base64. */
  blob(name: string): Buffer {
    return Buffer.from(this.string(name), 'base64');
  }

  /** A map of strings; an absent one is empty. */
  stringMap(name: string): Readonly<Record<string, string>> {
    const value = this.#fields[name] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw new AwsError('SerializationException', `${name} is not a map.`);
    }
    const strings = new Map<string, string>();
    for (const [key, item] of Object.entries(value)) {
      if (typeof item !== 'string') {
        throw new AwsError('SerializationException', `${name}.${key} is not a string.`);
      }
      strings.set(key, item);
    }
    return Object.fromEntries(strings);
  }
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** The operation that X-Amz-Target names, without its service prefix. */
export const targetOperation = (request: AwsRequest): string =>
  request.headers['x-amz-target']?.split('.').at(-1) ?? '';

export const jsonResponse = (output: object, version: '1.0' | '1.1' = '1.1'): AwsResponse => ({
  status: 200,
  headers: {
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': randomUUID(),
  },
  body: JSON.stringify(output),
});
