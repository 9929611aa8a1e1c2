import type { TenantId, UploadId } from '#shared/core/model/names.ts';
import type { UploadOrder, UploadPermit, UploadStore } from '#shared/app/ports/uploads.ts';

/** Uploads in memory; `upload` is what a customer does with a permit. */
export class MemoryUploadStore implements UploadStore {
  readonly orders: UploadOrder[] = [];
  readonly #contents = new Map<string, Buffer>();

  async permit(order: UploadOrder): Promise<UploadPermit> {
    this.orders.push(order);
    return {
      url: `https://uploads.example/${order.id}`,
      headers: { 'content-length': String(order.size), 'if-none-match': '*' },
    };
  }

  async get(tenant: TenantId, id: UploadId): Promise<Buffer | undefined> {
    return this.#contents.get(`${tenant}/${id}`);
  }

  upload(tenant: TenantId, id: string, content: Buffer): void {
    this.#contents.set(`${tenant}/${id}`, content);
  }
}
