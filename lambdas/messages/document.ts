import type { MessageDocument } from '#shared/api/message-schemas.ts';
import type { Chunk, Recipient } from '#shared/domain/chunk.ts';
import { messageStatus, unclearAttempts } from '#shared/domain/message.ts';
import type { StoredMessage } from '#shared/ports/message-store.ts';

/** What became of a message, as the API tells it. */
export function messageDocumentOf({ message, chunks }: StoredMessage): MessageDocument {
  const { signed } = message;
  const reasons = chunks.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  return {
    id: message.id,
    status: messageStatus(message, chunks),
    domain: message.domain,
    size: message.size,
    createdAt: message.createdAt,
    signature:
      signed === undefined || signed.signature === 'unsigned'
        ? null
        : { ...signed.signature, at: signed.at },
    reasons: [...new Set(reasons)],
    unclearAttempts: unclearAttempts(chunks),
    recipients: chunks.flatMap((chunk) =>
      chunk.recipients.map((recipient) => recipientDocument(chunk, recipient)),
    ),
  };
}

/** A recipient that no event told of is as its chunk is. */
function recipientDocument(
  { state, reason }: Chunk,
  recipient: Recipient,
): MessageDocument['recipients'][number] {
  const { address, detail } = recipient;
  const ofChunk = state === 'unclear' || state === 'refused' ? state : undefined;
  if (recipient.state !== 'accepted' || ofChunk === undefined) {
    return { address, state: recipient.state, ...(detail === undefined ? {} : { detail }) };
  }
  return { address, state: ofChunk, ...(reason === undefined ? {} : { detail: reason }) };
}
