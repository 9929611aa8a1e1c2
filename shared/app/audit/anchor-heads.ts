import type { AuditAnchors, AuditLog } from '#shared/app/ports/audit-log.ts';

export interface AnchorPorts {
  readonly log: Pick<AuditLog, 'noteAnchored' | 'unanchored'>;
  readonly anchors: Pick<AuditAnchors, 'add'>;
}

/**
 * Writes the heads that came since the last time into the bucket that nobody can change.
 *
 * @param at when the call was due, so that one that comes twice writes nothing again
 * @returns how many there were
 */
export async function anchorHeads({ log, anchors }: AnchorPorts, at: Date): Promise<number> {
  let written = 0;
  for await (const head of log.unanchored()) {
    await anchors.add({ ...head, at: at.toISOString() });
    await log.noteAnchored(head);
    written += 1;
  }
  return written;
}
