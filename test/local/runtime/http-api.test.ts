import { request as httpRequest } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { RateLimit } from '../../../local/aws/rate-limit.ts';
import {
  BODY_LIMIT,
  startHttpApi,
  type Authorizer,
  type HttpApiServer,
  type Invoke,
} from '../../../local/runtime/http-api/server.ts';

type Event = Record<string, unknown> & { requestContext: Record<string, unknown> };

let server: HttpApiServer | undefined;
const reported: string[] = [];

afterEach(async () => {
  await server?.close();
  server = undefined;
  reported.length = 0;
});

/** A function that answers with what `answer` makes of the event. */
const invoking =
  (answer: (event: Event) => unknown): Invoke =>
  async (payload) => ({
    answered: true,
    payload: JSON.stringify(answer(JSON.parse(payload) as Event)) ?? 'null',
  });

async function givenApi(
  invoke: Invoke,
  {
    authorizer,
    timeoutMilliseconds = 30_000,
    throttle,
  }: {
    authorizer?: Authorizer;
    timeoutMilliseconds?: number;
    throttle?: { take(): boolean };
  } = {},
): Promise<string> {
  server = await startHttpApi(
    {
      accountId: '000000000000',
      apiId: 'api1',
      stage: '$default',
      region: 'eu-west-1',
      routes: [
        {
          routeKey: 'ANY /v1/{name}',
          invoke,
          timeoutMilliseconds,
          ...(authorizer && { authorizer }),
          ...(throttle && { throttle }),
        },
      ],
    },
    0,
    (problem) => reported.push(problem),
  );
  return server.url;
}

/** Sends a request as it is, without what fetch would change. */
function send(
  url: string,
  {
    method = 'GET',
    path = '/v1/a',
    headers = {},
    body = '',
  }: {
    method?: string;
    path?: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
  } = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + path, { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const echoed = async (request: Parameters<typeof send>[1]): Promise<Event> => {
  const url = await givenApi(invoking((event) => event));
  return JSON.parse((await send(url, request)).body) as Event;
};

test('the event is one of payload format 2.0', async () => {
  const event = await echoed({
    method: 'POST',
    path: '/v1/a%20b?x=1&x=2&y=%2F+z&=',
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Twice': ['1', '2'],
      cookie: 'a=1; b=2',
      'User-Agent': 'test',
    },
    body: '{"ä":1}',
  });

  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'ANY /v1/{name}',
    rawPath: '/v1/a b',
    rawQueryString: 'x=1&x=2&y=%2F+z&=',
    cookies: ['a=1', 'b=2'],
    queryStringParameters: { x: '1,2', y: '/ z' },
    pathParameters: { name: 'a b' },
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-twice': '1, 2',
      'x-forwarded-proto': 'http',
    },
    body: '{"ä":1}',
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api1',
      http: { method: 'POST', path: '/v1/a b', protocol: 'HTTP/1.1', userAgent: 'test' },
      routeKey: 'ANY /v1/{name}',
      stage: '$default',
    },
  });
  expect(event['headers']).not.toHaveProperty('cookie');
  expect(event.requestContext['time']).toMatch(
    /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/,
  );
});

test('what is not there is left out', async () => {
  const event = await echoed({});

  for (const field of ['cookies', 'queryStringParameters', 'body', 'stageVariables']) {
    expect(event).not.toHaveProperty(field);
  }
  expect(event['isBase64Encoded']).toBe(false);
});

test.each([
  ['text/plain', false],
  ['TEXT/HTML; charset=utf-8', false],
  ['application/json', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['application/problem+json', true],
  ['application/x-www-form-urlencoded', true],
  ['message/rfc822', true],
  ['application/octet-stream', true],
  [undefined, true],
])('a body of type %s comes in base64: %s', async (type, isBase64Encoded) => {
  const event = await echoed({
    method: 'POST',
    headers: type === undefined ? {} : { 'content-type': type },
    body: Buffer.from('From: ä\r\n'),
  });

  expect(event).toMatchObject({
    isBase64Encoded,
    body: isBase64Encoded ? Buffer.from('From: ä\r\n').toString('base64') : 'From: ä\r\n',
  });
});

test('an explicit answer gives status, headers, cookies and body', async () => {
  const url = await givenApi(
    invoking(() => ({
      statusCode: 202,
      headers: { 'Content-Type': 'application/problem+json', 'X-Number': 7 },
      cookies: ['a=1', 'b=2'],
      body: '{"id":1}',
    })),
  );

  const response = await send(url);

  expect(response).toMatchObject({
    status: 202,
    headers: {
      'content-type': 'application/problem+json',
      'x-number': '7',
      'set-cookie': ['a=1', 'b=2'],
      'content-length': '8',
    },
    body: '{"id":1}',
  });
});

test.each([
  [
    'base64',
    { statusCode: 200, body: 'w6Q=', isBase64Encoded: true },
    200,
    'ä',
    'text/plain;charset=utf-8',
  ],
  ['no body', { statusCode: 204 }, 204, '', 'text/plain;charset=utf-8'],
  ['a string', 'hello', 200, 'hello', 'application/json'],
  ['an object without a status', { a: 1 }, 200, '{"a":1}', 'application/json'],
])('an answer of %s is understood', async (_, answer, status, body, type) => {
  const url = await givenApi(invoking(() => answer));

  expect(await send(url)).toMatchObject({ status, body, headers: { 'content-type': type } });
});

test.each([
  ['a status that is none', { statusCode: 'many' }],
  ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
])('%s is an internal error, and reported', async (_, answer) => {
  const url = await givenApi(invoking(() => answer));

  expect(await send(url)).toMatchObject({
    status: 500,
    body: '{"message":"Internal Server Error"}',
  });
  expect(reported.join()).toContain('malformed');
});

test('a failed function is an internal error, and reported', async () => {
  const url = await givenApi(async () => ({
    answered: false,
    error: { errorType: 'TypeError', errorMessage: 'oh' },
  }));

  expect(await send(url)).toMatchObject({
    status: 500,
    body: '{"message":"Internal Server Error"}',
  });
  expect(reported).toEqual(['GET /v1/a (ANY /v1/{name}): TypeError: oh']);
});

test('a function that takes too long is unavailable', async () => {
  const url = await givenApi(() => new Promise(() => {}), { timeoutMilliseconds: 50 });

  expect(await send(url)).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
});

test('a request that no route matches is not found', async () => {
  const url = await givenApi(invoking(() => 'no'));

  expect(await send(url, { path: '/other' })).toMatchObject({
    status: 404,
    body: '{"message":"Not Found"}',
  });
});

test.each([
  ['over 10 MB', BODY_LIMIT + 1, 'text/plain', 413],
  ['of 12 MB', 12 * 1024 * 1024, 'message/rfc822', 413],
  ['of 5 MB that base64 makes larger than an event may be', 5_000_000, 'message/rfc822', 413],
  ['of 4.5 MB', 4_500_000, 'message/rfc822', 200],
])('a body %s is answered with its status', async (_, size, type, status) => {
  const url = await givenApi(invoking(() => ({ statusCode: 200 })));

  const response = await send(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.alloc(size, 'a'),
  });

  expect(response.status).toBe(status);
  if (status === 413) expect(response.body).toBe('{"message":"Request Entity Too Large"}');
});

test('HEAD has headers and no body', async () => {
  const url = await givenApi(invoking(() => ({ statusCode: 200, body: 'text' })));

  expect(await send(url, { method: 'HEAD' })).toMatchObject({
    status: 200,
    headers: { 'content-length': '4' },
    body: '',
  });
});

const givenAuthorized = (authorize: Invoke): Promise<string> =>
  givenApi(
    invoking(({ requestContext }) => requestContext['authorizer'] ?? 'none'),
    { authorizer: { invoke: authorize, identitySources: ['$request.header.Authorization'] } },
  );

test('what the authorizer says reaches the function', async () => {
  let seen: Event | undefined;
  const url = await givenAuthorized(
    invoking((event) => {
      seen = event;
      return { isAuthorized: true, context: { tenant: 't1' } };
    }),
  );

  const response = await send(url, { headers: { authorization: 'Bearer k' } });

  expect(JSON.parse(response.body)).toEqual({ lambda: { tenant: 't1' } });
  expect(seen).toMatchObject({
    version: '2.0',
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:eu-west-1:000000000000:api1/$default/ANY/v1/{name}',
    identitySource: ['Bearer k'],
    headers: { authorization: 'Bearer k' },
    pathParameters: { name: 'a' },
  });
  expect(seen).not.toHaveProperty('body');
});

test('without its identity source a request is unauthorized, and the authorizer is not asked', async () => {
  let asked = false;
  const url = await givenAuthorized(
    invoking(() => {
      asked = true;
      return { isAuthorized: true };
    }),
  );

  expect(await send(url)).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
  expect(asked).toBe(false);
});

test.each([
  ['no', { isAuthorized: false }, 403, '{"message":"Forbidden"}'],
  ['nothing of use', { allowed: true }, 500, '{"message":"Internal Server Error"}'],
])('an authorizer that says %s ends the request', async (_, answer, status, body) => {
  const url = await givenAuthorized(invoking(() => answer));

  const response = await send(url, { headers: { authorization: 'Bearer k' } });

  expect(response).toMatchObject({ status, body });
});

test('closing waits for the request under way', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const url = await givenApi(async () => {
    await promise;
    return { answered: true, payload: '"done"' };
  });
  const response = send(url);
  await new Promise((wake) => setTimeout(wake, 50));

  const closed = server?.close();
  server = undefined;
  resolve();

  expect((await response).body).toBe('done');
  await closed;
});

test('a route with a rate of its own answers 429 beyond it, as API Gateway does', async () => {
  let asked = 0;
  const url = await givenApi(
    invoking(() => {
      asked += 1;
      return 'ok';
    }),
    { throttle: new RateLimit(2, 1, () => 0) },
  );
  const answers = await Promise.all([1, 2, 3].map(() => fetch(`${url}/v1/x`)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429]);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(await refused.json()).toEqual({ message: 'Too Many Requests' });
  expect(asked).toBe(2);
});
