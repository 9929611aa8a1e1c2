import type { Label } from '#shared/core/model/names.ts';
import { SENT_PRECISION_SECONDS } from '#shared/app/ports/check-store.ts';
import type { SendingLog } from '#shared/app/ports/mail.ts';

/** Labels remembered at once; about 100 octets each. */
const MAX_LABELS = 20_000;

/**
 * Passes on that a claim sent only as often as the log is exact, so that a busy domain costs no
 * write for each mail.
 */
export function throttledSendingLog(log: SendingLog): SendingLog {
  const noted = new Map<Label, number>();
  return {
    async noteSent(label, at) {
      const time = Date.parse(at);
      const last = noted.get(label);
      if (last !== undefined && time - last < SENT_PRECISION_SECONDS * 1000) return;
      await log.noteSent(label, at);
      if (noted.size >= MAX_LABELS) noted.clear();
      noted.set(label, time);
    },
  };
}
