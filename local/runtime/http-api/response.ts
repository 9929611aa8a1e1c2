import * as z from 'zod';

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A function's description of its response; API Gateway ignores other fields. */
const explicitResponse = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: scalar.nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** API Gateway's own answers. */
export const apiGatewayAnswer = (status: number, message: string): HttpResponse => ({
  status,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify({ message })),
});

/**
 * Makes the response from a function's answer (payload format 2.0): its own with a `statusCode`,
 * else 200 with the answer itself as JSON.
 *
 * @param payload the function's answer as JSON
 * @returns undefined where the answer is malformed, which API Gateway answers with 500
 */
export function responseOf(payload: string): HttpResponse | undefined {
  const answer: unknown = JSON.parse(payload);
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    return {
      status: 200,
      headers: [['content-type', 'application/json']],
      body: Buffer.from(typeof answer === 'string' ? answer : payload),
    };
  }
  const parsed = explicitResponse.safeParse(answer);
  if (!parsed.success) return undefined;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const fields: [string, string][] = Object.entries(headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  if (!fields.some(([name]) => name === 'content-type')) {
    fields.push(['content-type', 'text/plain;charset=utf-8']);
  }
  for (const cookie of cookies ?? []) fields.push(['set-cookie', cookie]);
  return {
    status: statusCode,
    headers: fields,
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}
