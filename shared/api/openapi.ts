import * as z from 'zod';
import { refusalStatus, type RefusalCode } from '#shared/core/model/errors.ts';
import { routes } from './routes/index.ts';
import { components, type Answer, type Route } from './routes/route.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What was wrong, with what, and what to do'),
    code: z.string().describe('The last part of `type`'),
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
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `sd_...`' },
      },
      schemas: componentSchemas(),
    },
  };
}

function operationObject(operation: string, route: Route): Record<string, unknown> {
  const { path, scope, summary, description, query, idempotent, body, answer } = route;
  const parameters = [
    ...pathParameters(path),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(idempotent === undefined ? [] : [idempotencyKey]),
  ];
  return {
    operationId: operation,
    summary,
    description: [
      description ?? [],
      scope === null ? 'Needs no API key.' : `Needs the scope \`${scope}\`.`,
    ]
      .flat()
      .join('\n\n'),
    ...(scope === null ? { security: [] } : {}),
    tags: [scope ?? 'domains'],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContent(body) } }),
    responses: {
      [answer.status]: { description: answer.says, content: answerContent(answer) },
      ...refusalResponses(refusalsOf(route), scope !== null),
    },
  };
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

const text = { schema: { type: 'string' } };

const jsonOf = (schema: z.ZodType) => ({ 'application/json': { schema: reference(schema) } });

const bodyContent = (body: NonNullable<Route['body']>) =>
  typeof body === 'string' ? { [body]: text } : jsonOf(body);

const answerContent = ({ json, text: mediaTypes = [] }: Answer) => ({
  ...jsonOf(json),
  ...Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, text])),
});

/** @throws Error where the schema has no name */
function reference(schema: z.ZodType) {
  const id = components.get(schema)?.id;
  if (id === undefined)
    throw new Error('A body or answer needs a name: `.register(components, ...)`');
  return { $ref: `#/components/schemas/${id}` };
}

/** With the reasons for which what is decoded before the use case may be refused. */
const refusalsOf = ({ query, body, idempotent, refusals }: Route): readonly RefusalCode[] => [
  ...(body === undefined || typeof body === 'string' ? [] : bodyRefusals),
  ...(query === undefined && idempotent === undefined ? [] : ['invalid-parameter' as const]),
  ...refusals,
];

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
      'The API key is unknown or revoked (answered by API Gateway), or lacks the scope (`forbidden`)',
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
