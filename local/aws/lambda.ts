import { AwsError } from './http.ts';
import type { AwsHandler, AwsRequest, AwsResponse } from './http.ts';
import { answering } from './errors.ts';
import { v2Response } from './ses-v2.ts';

export interface LambdaOptions {
  /** A function by its name; undefined where there is none. */
  readonly find: (name: string) => LambdaFunction | undefined;
  /** Calls a function and waits; absent: nobody may. @returns its answer, or the error that it threw */
  readonly invoke?: (
    arn: string,
    payload: string,
  ) => Promise<{ readonly payload: string; readonly failed: boolean }>;
  /** Calls at once of all functions. Default: 1,000. */
  readonly concurrency?: number;
}

export interface LambdaFunction {
  readonly arn: string;
  readonly variables: Readonly<Record<string, string>>;
}

export type LambdaOperation = 'GetAccountSettings' | 'GetFunctionConfiguration' | 'InvokeFunction';

/** Returns the operation of a request and the function in its path; undefined where there is none. */
export function lambdaOperation({
  method,
  path,
}: Pick<AwsRequest, 'method' | 'path'>):
  | { readonly operation: LambdaOperation; readonly name: string }
  | undefined {
  const [, invoked] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  if (method === 'POST' && invoked !== undefined) {
    return { operation: 'InvokeFunction', name: decodeURIComponent(invoked) };
  }
  if (method !== 'GET') return undefined;
  if (/^\/2016-08-19\/account-settings\/?$/.test(path)) {
    return { operation: 'GetAccountSettings', name: '' };
  }
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/.exec(path) ?? [];
  return name === undefined
    ? undefined
    : { operation: 'GetFunctionConfiguration', name: decodeURIComponent(name) };
}

/** Lambda's API as far as tools of an operator need it: the account's settings, which functions there are, and calls of them. */
export function createLambda({ find, invoke, concurrency = 1_000 }: LambdaOptions): {
  readonly handle: AwsHandler;
} {
  const run = async (request: AwsRequest): Promise<AwsResponse> => {
    const found = lambdaOperation(request);
    if (found === undefined) {
      throw new AwsError(
        'UnknownOperationException',
        `The Lambda stand-in has no operation at ${request.method} ${request.path}.`,
        404,
      );
    }
    if (found.operation === 'GetAccountSettings') {
      const UnreservedConcurrentExecutions = concurrency;
      return v2Response({
        AccountLimit: { ConcurrentExecutions: concurrency, UnreservedConcurrentExecutions },
      });
    }
    const fn = find(found.name);
    if (fn !== undefined && found.operation === 'InvokeFunction') {
      if (invoke === undefined)
        throw new AwsError('ServiceException', 'No function runs here.', 500);
      const { payload, failed } = await invoke(fn.arn, request.body.toString('utf8') || '{}');
      return {
        status: 200,
        headers: {
          'content-type': 'application/json',
          ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
        },
        body: payload,
      };
    }
    if (fn !== undefined) {
      const Environment = { Variables: fn.variables };
      return v2Response({ FunctionName: found.name, FunctionArn: fn.arn, Environment });
    }
    throw new AwsError('ResourceNotFoundException', `Function not found: ${found.name}`, 404);
  };
  return { handle: (request) => answering('rest-json', () => run(request)) };
}
