import { isMessageId, type TenantId } from '#shared/core/model/names.ts';
import type { OutboundWork } from './ports.ts';

/**
 * Reads the body of an SQS message.
 *
 * @returns undefined where it is none of ours
 */
export function decodeWork(body: string): OutboundWork | undefined {
  const { tenant, id, waits = 0 } = parse(body) as Record<string, unknown>;
  if (typeof tenant !== 'string' || typeof id !== 'string' || !isMessageId(id)) return undefined;
  if (typeof waits !== 'number' || !Number.isSafeInteger(waits) || waits < 0) return undefined;
  return { tenant: tenant as TenantId, id, waits };
}

function parse(body: string): object {
  try {
    return Object(JSON.parse(body)) as object;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
