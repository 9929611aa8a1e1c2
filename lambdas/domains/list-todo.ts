import { json, type ApiResult } from '#shared/api/http.ts';
import { limiter } from '#shared/async/limit.ts';
import { within } from '#shared/async/timeout.ts';
import { providerOf } from '#shared/app/checks/evaluate/dns-providers.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { contactOwnerOf, type Contact } from '#shared/core/model/contact.ts';
import type { ContactId, DomainName } from '#shared/core/model/names.ts';
import { isRemaining, remainingChanges } from '#shared/core/records/remaining-change.ts';
import {
  todoCsv,
  todoGroups,
  todoRoute53,
  todoTerraform,
  type TodoDomain,
  type TodoGroup,
} from '#shared/core/records/todo.ts';
import { describeClaims } from './describe-claims.ts';
import { csvAnswer, isOf } from './export-records.ts';
import type { DomainPorts } from './ports.ts';
import { claimsOfPage, type TodoOwner, type TodoQuery, type TodoTenant } from './todo-page.ts';

type Ports = Parameters<typeof describeClaims>[1] &
  Pick<DomainPorts, 'budgets' | 'claims' | 'contacts' | 'resolver' | 'tenants' | 'platforms'>;

/**
 * Lists what remains to be done for a page of domains, grouped by DNS provider and contact, by their
 * last checks. Only who runs each DNS is asked now.
 *
 * @throws Refusal `invalid-cursor`
 * @throws BudgetExceeded `dns-requests-minute`
 */
export async function listTodo(
  owner: TodoOwner,
  query: TodoQuery,
  ports: Ports,
): Promise<ApiResult> {
  await ports.budgets.take(owner.tenant ?? owner.platform, 'dns-requests', 1);
  const { tenants, cursor } = await claimsOfPage(owner, query, ports);
  const domains = await Promise.all(tenants.map((one) => domainsOf(one, query, ports)));
  const groups = todoGroups(domains.flat().filter(isWanted(query)));
  return answerIn(query, groups, cursor);
}

const isWanted =
  ({ contact, provider }: TodoQuery) =>
  (one: TodoDomain): boolean =>
    one.changes.length > 0 &&
    (contact === undefined || one.contact?.email.toLowerCase() === contact.trim().toLowerCase()) &&
    (provider === undefined ||
      (one.provider ?? '').toLowerCase().includes(provider.trim().toLowerCase()));

/** Milliseconds to find out who runs the DNS of a domain; then it is in the group of the unknown. */
const PROVIDER_MS = 4_000;
const ASKED_AT_ONCE = 20;

async function domainsOf(
  { tenant, claims }: TodoTenant,
  { status, only }: TodoQuery,
  ports: Ports,
): Promise<TodoDomain[]> {
  const some = claims.filter((claim) => status === undefined || claim.status === status);
  const [documents, contacts] = await Promise.all([
    describeClaims(some, ports),
    contactsOf(tenant, some, ports),
  ]);
  const limited = limiter({ tasks: ASKED_AT_ONCE });
  return Promise.all(
    some.map(async ({ domain }, index): Promise<TodoDomain> => {
      const records = (documents[index]?.records ?? []).filter(isRemaining).filter(isOf(only));
      const changes = remainingChanges(records);
      const provider =
        changes.length === 0 ? undefined : await limited(() => providerNow(domain, ports));
      const { id, externalId } = tenant;
      return { tenant: id, externalId, domain, provider, contact: contacts.get(domain), changes };
    }),
  );
}

const providerNow = async (
  domain: DomainName,
  { resolver }: Pick<Ports, 'resolver'>,
): Promise<string | undefined> => {
  const asked = resolver.delegation(domain).then(({ nameServers }) => providerOf(nameServers));
  return within(PROVIDER_MS, asked, undefined);
};

/** The contact of each domain: its own, or else the first of its tenant's. */
async function contactsOf(
  tenant: TodoTenant['tenant'],
  claims: readonly Claim[],
  { contacts }: Pick<Ports, 'contacts'>,
): Promise<Map<DomainName, Contact | NonNullable<TodoTenant['tenant']['contacts']>[number]>> {
  const owner = contactOwnerOf(tenant);
  const ids = await contacts.contactsOf(tenant.id);
  const wanted = new Set(claims.flatMap(({ domain }) => ids.get(domain) ?? []));
  const found = new Map<ContactId, Contact>();
  for (const id of wanted) {
    const contact = await contacts.get(owner, id);
    if (contact !== undefined) found.set(id, contact);
  }
  const [common] = tenant.contacts ?? [];
  return new Map(
    claims.flatMap(({ domain }) => {
      const id = ids.get(domain);
      const contact = (id && found.get(id)) ?? common;
      return contact === undefined ? [] : [[domain, contact] as const];
    }),
  );
}

function answerIn(query: TodoQuery, groups: TodoGroup[], cursor: string | undefined): ApiResult {
  const link = linkTo(query, cursor);
  switch (query.format) {
    case 'json':
      return json(200, { groups: groups.map(groupDocument), cursor: cursor ?? null });
    case 'csv':
      return csvAnswer(todoCsv(groups), link);
    case 'terraform':
      return {
        statusCode: 200,
        headers: { 'content-type': 'text/plain', 'cache-control': 'no-store', ...link },
        body: todoTerraform(groups),
      };
    case 'route53':
      return json(200, { groups: todoRoute53(groups), cursor: cursor ?? null }, link);
  }
}

const groupDocument = ({ provider, contact, domains }: TodoGroup) => ({
  provider: provider ?? null,
  contact: contact === undefined ? null : detailsOf(contact),
  domains: domains.map(({ tenant, externalId, domain, changes }) => ({
    tenant,
    externalId: externalId ?? null,
    name: domain,
    records: changes.map(({ record }) => record),
  })),
});

const detailsOf = ({ email, name, language }: NonNullable<TodoGroup['contact']>) => ({
  email,
  ...(name === undefined ? {} : { name }),
  ...(language === undefined ? {} : { language }),
});

/** The next page as RFC 8288 links it; nothing on the last one. */
function linkTo(query: TodoQuery, cursor: string | undefined): Record<string, string> {
  if (cursor === undefined) return {};
  const fields = Object.entries({ ...query, cursor }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return { link: `</v1/records/todo?${new URLSearchParams(fields).toString()}>; rel="next"` };
}
