import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { suppressions, type SuppressionDocument } from '#shared/api/routes/suppressions.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Suppression } from '#shared/core/model/suppression.ts';
import { addSuppressions } from './add-suppressions.ts';
import type { SuppressionPorts } from './ports.ts';

const useCases = {
  async listSuppressions({ tenant, query }, ports) {
    const page = await ports.suppressions.list(tenant, query);
    return { suppressions: page.suppressions.map(documentOf), cursor: page.cursor };
  },

  addSuppressions: ({ tenant, body }, ports) => addSuppressions(ports, tenant, body.suppressions),

  async getSuppression({ tenant, params: { address } }, ports) {
    return documentOf(required(await ports.suppressions.get(tenant, address)));
  },

  async removeSuppression({ tenant, params: { address } }, ports) {
    return documentOf(required(await ports.suppressions.remove(tenant, address)));
  },
} satisfies UseCases<'suppressions', SuppressionPorts>;

/** Answers a request about addresses that a tenant's mail is not sent to. */
export const answer = dispatcher<'suppressions', SuppressionPorts>(suppressions, useCases);

function required(suppression: Suppression | undefined): Suppression {
  if (suppression !== undefined) return suppression;
  throw new Refusal('not-found', 'The address is not on your suppression list.');
}

const documentOf = ({
  address,
  reason,
  addedAt,
  message,
  detail,
}: Suppression): SuppressionDocument => ({
  address,
  reason,
  addedAt,
  message: message ?? null,
  detail: detail ?? null,
});
