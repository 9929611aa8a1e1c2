import type { MessageDocument, MessagePage } from '#shared/api/routes/messages.ts';

/** A mail that waits for its key in DNS, by itself and in the list of its domain. */
export function aWaitingMessage(domain: string): { message: MessageDocument; list: MessagePage } {
  const since = '2026-11-20T10:00:00.000Z';
  const message: MessageDocument = {
    id: 'm_a',
    status: 'accepted',
    domain,
    size: 1_000,
    createdAt: since,
    channel: 'api',
    signature: null,
    reasons: [],
    repairs: [],
    expectedAt: null,
    expiresAt: '2026-11-20T14:00:00.000Z',
    held: { code: 'key-not-published', since },
    unclearAttempts: 0,
    counts: { accepted: 1 },
    recipients: [{ address: 'b@example.net', state: 'accepted' }],
  };
  const { recipients: _, expectedAt: __, ...rest } = message;
  return {
    message,
    list: { messages: [{ ...rest, to: 'b@example.net', recipients: [] }], cursor: null },
  };
}
