import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ENVIRONMENTS_PER_FUNCTION,
  LambdaFunction,
} from '../../../local/runtime/lambda/function.ts';
import { LogFile } from '../../../local/runtime/lambda/log.ts';

let folder: string;
let log: LogFile;
const functions: LambdaFunction[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-'));
  log = new LogFile(join(folder, 'logs'), 'fixture');
});

afterEach(async () => {
  await Promise.all(functions.splice(0).map((each) => each.kill()));
  await log.close();
  await rm(folder, { recursive: true });
});

async function givenFunction(
  bundle: string,
  {
    timeoutSeconds = 5,
    environment = {},
    file = 'index.js',
    warmWait,
  }: {
    timeoutSeconds?: number;
    environment?: Record<string, string>;
    file?: string;
    warmWait?: number;
  } = {},
): Promise<LambdaFunction> {
  await writeFile(join(folder, file), bundle);
  const made = new LambdaFunction(
    {
      taskRoot: folder,
      handler: 'index.handler',
      functionName: 'fixture',
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:fixture',
      memoryMegabytes: 128,
      logGroup: '/aws/lambda/fixture',
      timeoutSeconds,
      environment,
    },
    log,
    warmWait === undefined ? {} : { warmWait },
  );
  functions.push(made);
  return made;
}

const logLines = async (): Promise<Record<string, unknown>[]> =>
  (await readFile(log.path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a CommonJS bundle gets the event and the context, and its answer comes back as JSON', async () => {
  const fixture = await givenFunction(
    `
    exports.handler = async (event, context) => ({
      event,
      dropped: undefined,
      request: context.awsRequestId,
      memory: context.memoryLimitInMB,
      arn: context.invokedFunctionArn,
      left: context.getRemainingTimeInMillis(),
      zone: process.env.ZONE,
      path: process.env.PATH ?? 'none',
    });`,
    { environment: { ZONE: 'example.test' } },
  );

  const outcome = await fixture.invoke('{"a":1}');

  expect(outcome.answered).toBe(true);
  const answer = JSON.parse(outcome.answered ? outcome.payload : '') as Record<string, unknown>;
  expect(answer).toMatchObject({
    event: { a: 1 },
    request: outcome.requestId,
    memory: '128',
    arn: 'arn:aws:lambda:eu-west-1:000000000000:function:fixture',
    zone: 'example.test',
    path: 'none',
  });
  expect(answer).not.toHaveProperty('dropped');
  expect(answer['left']).toBeGreaterThan(4000);
  expect(answer['left']).toBeLessThanOrEqual(5000);
});

test('an ES module bundle is loaded, and no answer is null', async () => {
  const fixture = await givenFunction('export const handler = async () => {};', {
    file: 'index.mjs',
  });

  expect(await fixture.invoke('{}')).toMatchObject({ answered: true, payload: 'null' });
});

test('a warm environment is used again', async () => {
  const fixture = await givenFunction('let calls = 0; exports.handler = async () => ++calls;');

  await fixture.invoke('{}');

  expect(await fixture.invoke('{}')).toMatchObject({ answered: true, payload: '2' });
});

test.each([
  ['waits for it', 60_000, 1],
  ['gets another one where it waits too long', 0, 2],
])('an invocation beside a short one %s', async (_, warmWait, environments) => {
  const fixture = await givenFunction(
    `
    const { setTimeout } = require('node:timers/promises');
    const { threadId } = require('node:worker_threads');
    exports.handler = async () => { await setTimeout(100); return threadId; };`,
    { warmWait },
  );

  const outcomes = await Promise.all([fixture.invoke('{}'), fixture.invoke('{}')]);

  const threads = new Set(outcomes.map((outcome) => outcome.answered && outcome.payload));
  expect(threads.size).toBe(environments);
});

test('concurrent invocations run side by side up to the bound, and the others wait', async () => {
  const fixture = await givenFunction(
    `
    const { setTimeout } = require('node:timers/promises');
    const { threadId } = require('node:worker_threads');
    exports.handler = async () => { await setTimeout(100); return threadId; };`,
    { warmWait: 0 },
  );

  const outcomes = await Promise.all(
    Array.from({ length: ENVIRONMENTS_PER_FUNCTION * 3 }, () => fixture.invoke('{}')),
  );

  expect(outcomes.every(({ answered }) => answered)).toBe(true);
  const threads = new Set(outcomes.map((outcome) => outcome.answered && outcome.payload));
  expect(threads.size).toBe(ENVIRONMENTS_PER_FUNCTION);
  expect(fixture.underWay).toBe(0);
});

test('an error of the handler is the outcome, and the environment lives on', async () => {
  const fixture = await givenFunction(`
    let calls = 0;
    exports.handler = async () => {
      calls += 1;
      if (calls === 1) throw new RangeError('out of range');
      return calls;
    };`);

  expect(await fixture.invoke('{}')).toMatchObject({
    answered: false,
    error: { errorType: 'RangeError', errorMessage: 'out of range' },
  });
  expect(await fixture.invoke('{}')).toMatchObject({ answered: true, payload: '2' });
});

test.each([
  ['an endless loop', 'exports.handler = () => { for (;;); };'],
  ['a promise that never settles', 'exports.handler = () => new Promise(() => {});'],
])('%s is ended at the timeout, and the next invocation starts afresh', async (_, bundle) => {
  const fixture = await givenFunction(bundle, { timeoutSeconds: 1 });

  const outcome = await fixture.invoke('{}');

  expect(outcome).toMatchObject({
    answered: false,
    error: {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${outcome.requestId} Error: Task timed out after 1.00 seconds`,
    },
  });
  expect(await fixture.invoke('{}')).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
});

test.each([
  ['an uncaught error', 'setTimeout(() => { throw new TypeError("late"); }, 10)', 'TypeError'],
  ['an unhandled rejection', 'void Promise.reject(new TypeError("late"))', 'TypeError'],
  ['an exit', 'process.exit(3)', 'Runtime.ExitError'],
])('%s fails the invocation', async (_, fault, errorType) => {
  const fixture = await givenFunction(
    `exports.handler = () => { ${fault}; return new Promise(() => {}); };`,
  );

  expect(await fixture.invoke('{}')).toMatchObject({ answered: false, error: { errorType } });
});

test.each([
  ['a missing file', 'index.txt', '', 'Runtime.ImportModuleError'],
  ['no handler', 'index.js', 'exports.other = () => {};', 'Runtime.HandlerNotFound'],
  [
    'a callback',
    'index.js',
    'exports.handler = (e, c, cb) => cb();',
    'Runtime.CallbackHandlerDeprecated',
  ],
  ['an error on load', 'index.js', 'throw new SyntaxError("broken");', 'SyntaxError'],
  ['an exit on load', 'index.js', 'process.exit(1);', 'Runtime.ExitError'],
  ['a package that was not bundled', 'index.js', "require('zod');", 'Error'],
])('%s fails the invocation', async (_, file, bundle, errorType) => {
  const fixture = await givenFunction(bundle, { file });

  expect(await fixture.invoke('{}')).toMatchObject({ answered: false, error: { errorType } });
});

test('an answer over 6 MB is an error', async () => {
  const fixture = await givenFunction("exports.handler = async () => 'x'.repeat(7_000_000);");

  expect(await fixture.invoke('{}')).toMatchObject({
    error: { errorType: 'Function.ResponseSizeTooLarge' },
  });
});

test('a kill fails what runs and spares what comes after', async () => {
  const fixture = await givenFunction(`
    exports.handler = (event) => event.wait ? new Promise(() => {}) : 'done';`);
  const running = fixture.invoke('{"wait":true}');
  await new Promise((resolve) => setTimeout(resolve, 200));

  await fixture.kill();

  expect(await running).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
  expect(await fixture.invoke('{}')).toMatchObject({ answered: true, payload: '"done"' });
});

test('once it is closed, what runs, waits or comes fails', async () => {
  const fixture = await givenFunction('exports.handler = () => new Promise(() => {});');
  const invocations = Array.from({ length: ENVIRONMENTS_PER_FUNCTION + 1 }, () =>
    fixture.invoke('{}'),
  );

  await fixture.close();

  const stopped = { answered: false, error: { errorType: 'Runtime.ExitError' } };
  for (const outcome of await Promise.all(invocations)) expect(outcome).toMatchObject(stopped);
  expect(await fixture.invoke('{}')).toMatchObject(stopped);
});

test('what a function prints is logged as JSON lines, and each invocation is reported', async () => {
  const fixture = await givenFunction(`
    exports.handler = async () => {
      console.log('plain');
      console.log(JSON.stringify({ level: 'INFO', message: 'structured' }));
      console.error('bad');
    };`);

  const { requestId } = await fixture.invoke('{}');
  await fixture.kill();

  await expect.poll(logLines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 'INFO', message: 'plain', requestId }),
      { level: 'INFO', message: 'structured' },
      expect.objectContaining({ level: 'ERROR', message: 'bad' }),
      expect.objectContaining({
        type: 'platform.report',
        record: expect.objectContaining({ requestId, status: 'success' }) as unknown,
      }),
    ]),
  );
});
