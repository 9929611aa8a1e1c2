import * as aws from '#shared/adapters/aws/wire.ts';
import { anchorHeads, type AnchorPorts } from '#shared/app/audit/anchor-heads.ts';
import { logger, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';

export const handler = scheduleHandler(
  declaration,
  async (ports: AnchorPorts, at) => {
    const written = await anchorHeads(ports, at);
    logger.info('heads of the audit log were written', { written });
  },
  (env) => ({ log: aws.auditSeals(env), anchors: aws.auditAnchors(env) }),
);
