import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../../local/aws/gateway.ts';
import type { Authorize, Gateway, GatewayOptions } from '../../../local/aws/gateway.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'stand-in-'));
export const remove = (directory: string): void => rmSync(directory, { recursive: true });

/**
 * The settings for an SDK client to reach the gateway; one attempt, so that a test sees each
 * answer.
 */
export const clientConfig = (gateway: Gateway, accessKeyId = 'AKIALOCALOPERATOR') => ({
  endpoint: gateway.url,
  region: REGION,
  credentials: { accessKeyId, secretAccessKey: 'any' },
  maxAttempts: 1,
});

export const allowAll: Authorize = () => ({ allowed: true });

/** A gateway before some services, where by default every caller may do everything. */
export const gatewayFor = (
  services: GatewayOptions['services'],
  more: Partial<Pick<GatewayOptions, 'authorize' | 'resources'>> = {},
): Promise<Gateway> =>
  startGateway({
    port: 0,
    services,
    authorize: allowAll,
    secretOf: () => 'any',
    resources: { region: REGION, accountId: ACCOUNT, kmsKeyArn: () => undefined },
    ...more,
  });

/** The name and message that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message };
    throw error;
  }
  throw new Error('the call was not refused');
}
