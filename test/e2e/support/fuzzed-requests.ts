import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { isLong } from '../../support/long.ts';

/** A request as it goes out. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

const document = JSON.parse(
  readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'),
) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : document.components.schemas[schema.$ref.replace('#/components/schemas/', '')]!;

const nasty = [
  '',
  ' ',
  '\u0000',
  '\uD800',
  '../..',
  '%00',
  "'; --",
  '<script>',
  '{"$gt":""}',
  '\r\nx: y',
  'ä'.repeat(200),
  'x'.repeat(400),
  '__proto__',
  'constructor',
  '-1',
  '1e309',
  'NaN',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
];
const junk = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.constant(null),
);

/** Values of a shape, often right, sometimes beside it. */
function valueOf(given: Schema, domain: string, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const right = rightValueOf(schema, domain, depth);
  return fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: junk });
}

function rightValueOf(schema: Schema, domain: string, depth: number): fc.Arbitrary<unknown> {
  if (depth > 6) return junk;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return fc.oneof(...union.map((one) => valueOf(one, domain, depth + 1)));
  const [type = 'object'] = [schema.type ?? []].flat();
  const { minimum = -3, maximum = 2_000 } = schema;
  switch (type) {
    case 'string':
      return schema.format === 'date-time'
        ? fc.constantFrom('2026-11-20T10:00:00.000Z', '2020-01-01T00:00:00Z')
        : fc.oneof(fc.constantFrom(domain, 'new.example', 'a@example.com'), fc.string());
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31) });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, domain, depth + 1), { maxLength: 4 });
    default: {
      const fields = Object.entries(schema.properties ?? {}).map(
        ([name, field]) => [name, valueOf(field, domain, depth + 1)] as const,
      );
      return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
    }
  }
}

const printable = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? '');
/** A lone surrogate has no encoding. */
const encoded = (value: unknown): string => encodeURIComponent(printable(value).toWellFormed());

function requestOf(method: string, template: string, operation: Operation, domain: string) {
  const { parameters = [], requestBody } = operation;
  const of = (place: string) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((one) => one.in === place)
          .map(({ name, schema }) => [
            name,
            name === 'name' && place === 'path'
              ? fc.oneof(
                  { weight: 6, arbitrary: fc.constant(domain) },
                  { weight: 1, arbitrary: junk },
                )
              : valueOf(schema, domain),
          ]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, unknown>>;
  const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    fc.record({ type: fc.constant(type), value: valueOf(schema, domain) }),
  );
  const body: fc.Arbitrary<{ type: string; value: unknown } | undefined> =
    bodies.length === 0 ? fc.constant(undefined) : fc.oneof(...bodies);
  const key = fc.option(fc.constantFrom('k1', 'k2', 'a b', 'x'.repeat(300)), { nil: undefined });
  return fc
    .record({ path: of('path'), query: of('query'), body, key })
    .map(({ path, query, body: sent, key: idempotencyKey }): FuzzedRequest => {
      const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(path[name]));
      const search = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
      return {
        method: method.toUpperCase(),
        path: search.length === 0 ? filled : `${filled}?${search.join('&')}`,
        headers: {
          ...(sent === undefined ? {} : { 'content-type': sent.type }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body:
          method === 'get' || sent === undefined
            ? undefined
            : sent.type.includes('json')
              ? JSON.stringify(sent.value)
              : printable(sent.value),
      };
    });
}

/** Requests of every operation of docs/openapi.json, in turn, by a seed; the long form takes another each time. */
export function fuzzedRequests(
  count: number,
  domain: string,
): { seed: number; requests: FuzzedRequest[] } {
  const seed = Number(
    process.env['FUZZ_SEED'] ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : 1),
  );
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestOf(method, path, operation, domain),
    ),
  );
  const each = Math.ceil(count / operations.length);
  const samples = operations.map((one, index) =>
    fc.sample(one, { numRuns: each, seed: seed + index }),
  );
  const requests = Array.from({ length: each }, (_, turn) =>
    samples.map((sample) => sample[turn]!),
  );
  return { seed, requests: requests.flat().slice(0, count) };
}
