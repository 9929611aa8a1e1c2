import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CommandError, readArguments, UsageError } from '../command.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- invoke FUNCTION [--payload JSON] [--aws] [--state DIR] [--json]

Calls a function as its schedule does, now, and waits until it has ended:

  npm run ops -- invoke reconciler
  npm run ops -- invoke rotation-planner --payload '{"task":"start","scheduledTime":"2026-11-01T03:00:00Z"}'

${targetUsage}`;

/**
 * Invokes a function and waits for its answer.
 *
 * @param payload JSON
 * @throws CommandError where the function fails, with its own words
 */
export async function invoke(
  functionName: string,
  payload: string,
  client: LambdaClient,
): Promise<unknown> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload) }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError === undefined) return text === '' ? null : (JSON.parse(text) as unknown);
  throw new CommandError(`${functionName} failed: ${text}`);
}

/** `npm run ops -- invoke`. */
export async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    usage,
    { ...targetOptions, payload: { type: 'string', default: '{}' } },
    1,
  );
  const [name] = positionals;
  if (name === undefined) throw new UsageError(usage);
  try {
    JSON.parse(values.payload);
  } catch (error) {
    throw new UsageError('--payload takes JSON, in single quotes.', { cause: error });
  }
  const { settings, client } = targetOf(values);
  // As long as the longest function runs, and never a second call.
  const lambda = new LambdaClient({ ...client, maxAttempts: 1 });
  const result = await invoke(`${settings.name}-${name}`, values.payload, lambda);
  print({ function: name, result }, values.json, () => [`${name} has run.`]);
}
