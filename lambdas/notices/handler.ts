import { submission } from '#shared/adapters/aws/submission.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import type { NoticeRequest } from '#shared/app/ports/queues.ts';
import type { ServiceSender } from '#shared/app/sending/service-mail.ts';
import { submitMail } from '#shared/app/sending/submit.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import { messageHandler, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { gatherEvent } from './gather-event.ts';
import { log } from './log.ts';
import { mailBatch } from './mail-batch.ts';
import type { NoticePorts } from './ports.ts';

/** An event as EventBridge hands it over, or a batch of events that is to be mailed. */
type NoticeMessage = { readonly detail: ServiceEvent } | NoticeRequest;

const notices = {
  work: (ports: NoticePorts, body: string) => {
    const message = JSON.parse(body) as NoticeMessage;
    return 'batch' in message ? mailBatch(message, ports) : gatherEvent(message.detail, ports);
  },
  failed: (error: unknown) => log({ kind: 'failed', error }),
  // Events of one tenant would meet in its batch.
  inTurn: true,
};

export const handler = messageHandler(declaration, notices, (env): NoticePorts => {
  const submitPorts = submission(env);
  return {
    notices: aws.notices(env),
    tenants: aws.apiKeys(env),
    queue: aws.queue(env.NOTICE_QUEUE_URL),
    clock: system.clock,
    sender: (JSON.parse(env.HAND_OVER) as ServiceSender | null) ?? undefined,
    dashboard: env.DASHBOARD_URL,
    composeMail,
    submit: (mail) => submitMail(submitPorts, mail),
    log,
  };
});
