import { InvalidChangeBatch, InvalidInput } from '@aws-sdk/client-route-53';
import { Throttled } from '#shared/core/model/errors.ts';
import { ZoneRefusal, ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { isOutage, isThrottlingName } from './outage.ts';

/** Names Route 53's failures as the port does. @param asked what was asked for, for the message */
export async function naming<T>(asked: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && isThrottlingName(error.name)) {
      throw new Throttled(`Route 53, asked ${asked},`, { cause: error });
    }
    if (error instanceof InvalidChangeBatch) {
      const reasons = error.messages?.length ? error.messages : [error.message];
      throw new ZoneRefusal(reasons, { cause: error });
    }
    if (error instanceof InvalidInput) throw new ZoneRefusal([error.message], { cause: error });
    if (isOutage(error)) throw new ZoneUnavailable(asked, { cause: error });
    throw error;
  }
}

/** Returns a value that every answer has. @throws Error where it has none */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Route 53 answered without ${what}`);
  return value;
}

/** Route 53 answers with a trailing dot and with octal escapes (`\052` for `*`). */
export const plainName = (name: string) =>
  name
    .replace(/\.$/, '')
    .replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
