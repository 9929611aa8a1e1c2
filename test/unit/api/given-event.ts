import type { ApiEvent, AuthorizerContext } from '#shared/api/http.ts';
import type { TenantId } from '#shared/core/model/names.ts';

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Null: the route has no authorizer. */
  readonly caller?: AuthorizerContext | null;
}

/** An event as API Gateway gives it; a body in a Buffer goes in base64. */
export function givenEvent({
  method = 'GET',
  path = '/',
  query,
  headers = {},
  body,
  caller = { tenant: 't_tester' as TenantId, scopes: 'domains messages' },
}: Asked = {}): ApiEvent {
  const base64 = Buffer.isBuffer(body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    ...(body === undefined ? {} : { body: base64 ? body.toString('base64') : body }),
    isBase64Encoded: base64,
    requestContext: {
      accountId: '1',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '20/Nov/2026:10:00:00 +0000',
      timeEpoch: 0,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      ...(caller === null ? {} : { authorizer: { lambda: caller } }),
    } as ApiEvent['requestContext'],
  };
}
