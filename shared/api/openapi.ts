import * as z from 'zod';
import { budgetNames } from '#shared/core/model/budgets.ts';
import { refusalStatus, type RefusalCode } from '#shared/core/model/errors.ts';
import { TENANT_FIELD } from './http.ts';
import { routes } from './routes/index.ts';
import { tagObjects, tagOf } from './tags.ts';
import {
  components,
  readsItself,
  takesIdempotencyKey,
  type Answer,
  type Route,
} from './routes/route.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What was wrong, with what, and what to do'),
    code: z.string().describe('The last part of `type`'),
    budget: z
      .enum(budgetNames)
      .optional()
      .describe('The budget that is used up; see `GET /v1/limits`'),
    retryAfter: z.int().optional().describe('Seconds after which the same request may succeed'),
  })
  .register(components, { id: 'Problem' });

/** The OpenAPI 3.1 document of the API, from the routes and schemas that the functions work by. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, route] of Object.entries<Route>(routes)) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationObject(operation, route),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'sender-domains',
      version: '1',
      description:
        'Register the domains that you send mail from, publish a few records once, and send mail that is signed with a key of the domain in its From address.',
      contact: { name: 'The operator of this deployment' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: tagObjects(Object.keys(paths)),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, `sd_...`; the access token of a user; a platform key, `sdp_...`; or the token of an embedded page, `sdt_...`',
        },
      },
      schemas: componentSchemas(),
    },
  };
}

function operationObject(operation: string, route: Route): Record<string, unknown> {
  const { path, scope, summary, description, query, body, answer, unfinished } = route;
  const parameters = [
    ...pathParameters(path),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(takesIdempotencyKey(route) ? [idempotencyKey] : []),
    ...(isOfTenant(scope) ? [actsFor] : []),
  ];
  return {
    operationId: operation,
    summary,
    description: [description ?? [], scopeText(scope)].flat().join('\n\n'),
    ...(scope === null ? { security: [] } : {}),
    tags: [tagOf(path)],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContent(body) } }),
    responses: {
      [answer.status]: answerResponse(answer),
      ...(unfinished === undefined ? {} : { [unfinished.status]: answerResponse(unfinished) }),
      ...refusalResponses(refusalsOf(route), scope !== null),
    },
  };
}

function scopeText(scope: Route['scope']): string {
  if (scope === null) return 'Needs no API key.';
  if (scope === 'platform') return 'Needs a platform key, or a user of the platform.';
  if (scope === 'user') return 'Needs a user of the dashboard, signed in.';
  return scope === 'any' ? 'Any API key may.' : `Needs the scope \`${scope}\`.`;
}

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = jsonSchema(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Names this request, so that sending it again does not do it twice: 1 to 255 visible ASCII characters.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};

const actsFor = {
  name: TENANT_FIELD,
  in: 'header',
  description:
    'With a platform key: the tenant that it acts for, by its id or external id. With the token of a user of several accounts: the one that it is about, by its id. No other key may send it.',
  schema: { type: 'string' },
};

const text = { schema: { type: 'string' } };

const jsonOf = (schema: z.ZodType) => ({ 'application/json': { schema: reference(schema) } });

const bodyContent = (body: NonNullable<Route['body']>) =>
  readsItself(body)
    ? Object.fromEntries(
        Object.entries(body.byMediaType).map(([mediaType, schema]) => [
          mediaType,
          schema === null ? text : { schema: reference(schema) },
        ]),
      )
    : jsonOf(body);

const answerResponse = (answer: Answer) => ({
  description: answer.says,
  content: answerContent(answer),
});

const answerContent = ({ json, text: mediaTypes = [] }: Answer) => ({
  ...(json === undefined ? {} : jsonOf(json)),
  ...Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, text])),
});

/** @throws Error where the schema has no name */
function reference(schema: z.ZodType) {
  const id = components.get(schema)?.id;
  if (id === undefined)
    throw new Error('A body or answer needs a name: `.register(components, ...)`');
  return { $ref: `#/components/schemas/${id}` };
}

/** With the reasons for which any request may be refused, and what is decoded before the use case may be refused. */
const refusalsOf = (route: Route): readonly RefusalCode[] => {
  const { scope, query, body, refusals } = route;
  const repeatable = takesIdempotencyKey(route);
  return [
    ...(body === undefined || readsItself(body) ? [] : bodyRefusals),
    'budget-exceeded',
    ...callerRefusals(scope),
    ...(query === undefined && !repeatable ? [] : ['invalid-parameter' as const]),
    ...refusals,
    ...(repeatable ? repeatRefusals.filter((code) => !refusals.includes(code)) : []),
  ];
};

const repeatRefusals: readonly RefusalCode[] = ['idempotency-key-reused', 'request-in-progress'];

const isOfTenant = (scope: Route['scope']): boolean =>
  scope !== null && scope !== 'platform' && scope !== 'user';

/** Reasons to refuse whoever calls, beside those of 401 and 403. */
function callerRefusals(scope: Route['scope']): readonly RefusalCode[] {
  if (!isOfTenant(scope)) return [];
  return ['tenant-required', 'tenant-not-found'];
}

const bodyRefusals: readonly RefusalCode[] = [
  'invalid-json',
  'invalid-body',
  'unsupported-media-type',
  'payload-too-large',
];

const unauthorised = {
  401: { description: 'No API key was sent (answered by API Gateway)' },
  403: {
    description:
      'The API key is unknown or revoked (answered by API Gateway), lacks the scope (`forbidden`), is the token of a page and comes from another origin (`origin-not-allowed`), or its account is suspended (`account-suspended`; not for GET) or closed (`account-closed`)',
  },
};

/** One response for each status, naming its codes. */
function refusalResponses(refusals: readonly RefusalCode[], guarded: boolean) {
  const codes = new Map<number, string[]>([
    [500, ['internal-error']],
    [503, ['busy']],
  ]);
  for (const code of refusals) {
    const status = refusalStatus[code];
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  return {
    ...Object.fromEntries(
      [...codes]
        .toSorted(([a], [b]) => a - b)
        .map(([status, named]) => [
          status,
          {
            description: named.map((code) => `\`${code}\``).join(', '),
            content: { 'application/problem+json': { schema: reference(problem) } },
          },
        ]),
    ),
    ...(guarded ? unauthorised : {}),
  };
}

/** Every component, with references from one to another. */
function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(components, {
    ...conversion,
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, conversion);

/** `input`: what has a default may be left out, and answers may come to have more fields. */
const conversion = {
  io: 'input',
  override: ({ jsonSchema: schema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    // The format says it; the expression is longer than all the rest.
    if (schema.format === 'date-time') delete schema.pattern;
  },
} as const;
