import type { TenantId, UploadId } from '#shared/core/model/names.ts';

/** An upload to be made. */
export interface UploadOrder {
  readonly tenant: TenantId;
  readonly id: UploadId;
  /** Octets: neither more nor fewer are taken. */
  readonly size: number;
  /** Of the content, where the customer gave it: other content is not taken. */
  readonly sha256?: Buffer | undefined;
}

/** A request that uploads the content, once. */
export interface UploadPermit {
  readonly url: string;
  /** Header fields that the request must have, as signed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Seconds in which an upload must begin. */
export const UPLOAD_SECONDS = 15 * 60;

/** Content that tenants upload before they submit a mail that refers to it; kept for a day. */
export interface UploadStore {
  /** Signs the request of an upload: by PUT, of that size, where nothing was uploaded yet. */
  permit(order: UploadOrder): Promise<UploadPermit>;
  /** @returns undefined where nothing was uploaded, or it is gone */
  get(tenant: TenantId, id: UploadId): Promise<Buffer | undefined>;
}
