import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import { UPLOAD_SECONDS, type UploadStore } from '#shared/app/ports/uploads.ts';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { type TenantId, uploadIdOf } from '#shared/core/model/names.ts';
import { later } from '#shared/core/time.ts';

export interface UploadPorts {
  readonly uploads: UploadStore;
  readonly budgets: Pick<Budgets, 'take'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The octets that the budget of uploads counts by. */
const MEGABYTE = 1_000_000;

/**
 * Permits an upload of so many octets, whose megabytes the tenant's budget pays for.
 *
 * @throws Refusal `payload-too-large`
 * @throws BudgetExceeded `upload-megabytes-day`
 */
export async function createUpload(
  { uploads, budgets, clock, random }: UploadPorts,
  tenant: TenantId,
  { size, sha256 }: { readonly size: number; readonly sha256?: string | undefined },
) {
  const most = maxSubmittedOctets(sesExit);
  if (size > most) {
    throw new Refusal(
      'payload-too-large',
      `An upload of ${size} octets is too large: ${sesExit.name} takes a mail of at most ${most}. Link to large files instead.`,
    );
  }
  await budgets.take(tenant, 'upload-megabytes', Math.ceil(size / MEGABYTE));
  const id = uploadIdOf(random.bytes(16));
  const { url, headers } = await uploads.permit({
    tenant,
    id,
    size,
    ...(sha256 === undefined ? {} : { sha256: Buffer.from(sha256, 'hex') }),
  });
  const expiresAt = later(clock.now(), UPLOAD_SECONDS * 1_000);
  return { id, method: 'PUT' as const, url, headers: { ...headers }, expiresAt };
}
