import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, streamHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { sealBatch } from './seal-batch.ts';

export const handler = streamHandler(declaration, sealBatch, (env) => ({
  log: aws.auditSeals(env),
  bus: aws.eventBus(env),
  failed: (error) => logger.error('entries of the audit log were not sealed', { error }),
}));
