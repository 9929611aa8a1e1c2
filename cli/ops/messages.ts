import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { MessageStore, StoredMessage } from '#shared/app/ports/message-store.ts';
import { byTenant, type OutboundRequest, type Queue } from '#shared/app/ports/queues.ts';
import { messageStatus } from '#shared/core/model/message.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import { CommandError, readArguments, UsageError } from '../command.ts';
import {
  messageRead,
  messageRedriven,
  messagesFound,
  noteReadsIn,
  type NoteReads,
} from './note-reads.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- messages COMMAND --tenant ID [--aws] [--state DIR] [--json]

  show ID                        a mail: its status, and that of each recipient with the reason
  find DOMAIN [--from TIME]      the last 50 mails from a domain, those from a time on
  redrive ID                     puts a mail that is not on its way into the queue again; one that has
                                 ended, or that the queue has already, is sent no second time

The tenant's audit log says what you asked for.

${targetUsage}`;

export interface MessagePorts {
  readonly messages: Pick<MessageStore, 'get' | 'recent'>;
  readonly outbound: Queue<OutboundRequest>;
  readonly noteReads: NoteReads;
}

/** A mail, as an operator sees it. */
export interface MessageView {
  readonly id: MessageId;
  readonly domain: DomainName;
  readonly createdAt: string;
  readonly status: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly detail?: string;
  }[];
}

const viewOf = ({ message, recipientBatches }: StoredMessage): MessageView => ({
  id: message.id,
  domain: message.domain,
  createdAt: message.createdAt,
  status: messageStatus(message, recipientBatches),
  recipients: recipientBatches.flatMap(({ recipients }) =>
    recipients.map(({ address, state, detail }) => ({
      address,
      state,
      ...(detail === undefined ? {} : { detail }),
    })),
  ),
});

/** @throws CommandError where the tenant has no such mail */
export async function showMessage(
  tenant: TenantId,
  id: MessageId,
  { messages, noteReads }: Omit<MessagePorts, 'outbound'>,
): Promise<MessageView> {
  const view = await readMessage(tenant, id, messages);
  await noteReads([messageRead(tenant, id)]);
  return view;
}

async function readMessage(tenant: TenantId, id: MessageId, messages: MessagePorts['messages']) {
  const found = await messages.get(tenant, id);
  if (found !== undefined) return viewOf(found);
  throw new CommandError(`${tenant} has no mail ${id}; mails are kept for 90 days.`);
}

/** The last mails from a domain. @param from ISO 8601 */
export async function findMessages(
  of: {
    readonly tenant: TenantId;
    readonly domain: DomainName;
    readonly from?: string | undefined;
  },
  { messages, noteReads }: Omit<MessagePorts, 'outbound'>,
): Promise<MessageView[]> {
  const { tenant, domain, from } = of;
  const { ids } = await messages.recent({ tenant, domains: [domain], from }, { limit: 50 });
  const found = await Promise.all(ids.map((id) => messages.get(tenant, id)));
  const views = found.filter((each) => each !== undefined).map(viewOf);
  const shown = views.map(({ id }) => id);
  await noteReads([messagesFound(tenant, domain, shown)]);
  return views;
}

/**
 * Puts a mail into the queue again. The signer sends nothing twice: a recipient batch that was sent is
 * left alone.
 *
 * @throws CommandError where the tenant has no such mail
 */
export async function redriveMessage(
  tenant: TenantId,
  id: MessageId,
  ports: MessagePorts,
): Promise<MessageView> {
  const view = await readMessage(tenant, id, ports.messages);
  await ports.noteReads([messageRedriven(tenant, id)]);
  await ports.outbound.send([{ tenant, id }], byTenant);
  return view;
}

const lineOf = ({ id, createdAt, status, domain }: MessageView): string =>
  `${createdAt}  ${status.padEnd(10)}  ${id}  ${domain}`;

/** `npm run ops -- messages`. */
export async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    usage,
    { ...targetOptions, tenant: { type: 'string' }, from: { type: 'string' } },
    2,
  );
  const [command = '', what] = positionals;
  if (what === undefined || values.tenant === undefined) throw new UsageError(usage);
  const tenant = values.tenant as TenantId;
  const { settings, client } = targetOf(values);
  const dynamo = documentClient(client);
  const { tables } = settings;
  const messages = dynamoMessageStore(dynamo, tables.messages);
  const noteReads = noteReadsIn(dynamo, tables.audit, `npm run ops -- messages ${command}`);
  const ports = { messages, noteReads };
  switch (command) {
    case 'show':
      print(await showMessage(tenant, what as MessageId, ports), values.json, (view) => [
        lineOf(view),
        ...view.recipients.map(
          (each) => `  ${each.state.padEnd(12)}  ${each.address}  ${each.detail ?? ''}`,
        ),
      ]);
      return;
    case 'find': {
      const domain = what.toLowerCase() as DomainName;
      const found = await findMessages({ tenant, domain, from: values.from }, ports);
      print(found, values.json, (views) =>
        views.length === 0 ? [`No mail from ${domain}.`] : views.map(lineOf),
      );
      return;
    }
    case 'redrive': {
      const sqs = sqsClient(client);
      const { QueueUrl: url = '' } = await sqs.send(
        new GetQueueUrlCommand({ QueueName: `${settings.name}-outbound` }),
      );
      const outbound = sqsQueue<OutboundRequest>(sqs, url);
      const view = await redriveMessage(tenant, what as MessageId, { ...ports, outbound });
      print(view, values.json, ({ id, status }) => [
        `${id} was ${status}, and is in the queue again.`,
      ]);
      return;
    }
    default:
      throw new UsageError(usage);
  }
}
