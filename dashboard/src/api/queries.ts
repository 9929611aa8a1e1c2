import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query';
import { useApi } from '../session/context.ts';
import {
  answerOf,
  ApiError,
  idempotencyKey,
  type Api,
  type ChangeRequest,
  refuse,
  type Domain,
  type RecordFormat,
  type RotationReason,
  type Scope,
  type WebhookEvent,
} from './client.ts';
import { nextDelay } from './back-off.ts';

const keys = {
  domains: ['domains'] as const,
  domain: (name: string) => ['domain', name] as const,
  keys: (name: string) => ['keys', name] as const,
  domainConnect: (name: string) => ['domain-connect', name] as const,
  senders: (name: string) => ['senders', name] as const,
  plan: (name: string) => ['plan', name] as const,
  apiKeys: ['api-keys'] as const,
  webhooks: ['webhooks'] as const,
  deliveries: (id: string) => ['deliveries', id] as const,
  reports: (name: string, from: string) => ['reports', name, from] as const,
  message: (id: string) => ['message', id] as const,
};

export interface DomainsPage {
  readonly prefix: string;
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** Queries a page of the domains. The last page stays until the next one has come. */
export function useDomains({ prefix, cursor, limit }: DomainsPage) {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.domains, prefix, cursor, limit],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains', {
          params: {
            query: {
              limit,
              ...(prefix === '' ? {} : { prefix }),
              ...(cursor === undefined ? {} : { cursor }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

/**
 * Queries a domain. It queries an unsettled one again and again, ever less often while nothing
 * changes; each query makes the service check DNS.
 */
export function useDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: keys.domain(name),
    queryFn: async ({ signal }) => {
      const known = client.getQueryData<FetchedDomain>(keys.domain(name));
      const domain = await fetchDomain(api, name, known?.domain, signal);
      const unchanged = known !== undefined && isSame(known.domain, domain);
      return { domain, unchanged: unchanged ? known.unchanged + 1 : 0 };
    },
    select: ({ domain }) => domain,
    refetchInterval: ({ state }) =>
      state.data === undefined || isSettled(state.data.domain)
        ? 60_000
        : nextDelay(state.data.unchanged),
  });
}

interface FetchedDomain {
  readonly domain: Domain;
  /** Number of queries in a row that found nothing new. */
  readonly unchanged: number;
}

const isSame = (a: Domain, b: Domain): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Nothing is expected to change within the minute. */
export const isSettled = ({
  lifecycle,
  status,
  purpose,
  sending,
  dkim,
  records,
}: Domain): boolean =>
  lifecycle === 'deleting' ||
  (status === 'verified' &&
    (purpose === 'parked' || (sending === 'ready' && dkim.current !== null)) &&
    records.every((record) => record.status === 'ok' || record.status === 'ok-external'));

async function fetchDomain(
  api: Api,
  name: string,
  known: Domain | undefined,
  signal: AbortSignal,
): Promise<Domain> {
  if (known !== undefined && !isSettled(known)) {
    try {
      return await checkNow(api, name, signal);
    } catch (error) {
      // Checked within the last 2 seconds, or deleted meanwhile: the present data is as good.
      const passing = error instanceof ApiError && [409, 429].includes(error.status);
      if (!passing) throw error;
    }
  }
  return answerOf(api.GET('/v1/domains/{name}', { params: { path: { name } }, signal }));
}

const checkNow = (api: Api, name: string, signal?: AbortSignal): Promise<Domain> =>
  answerOf(
    api.POST('/v1/domains/{name}/checks', {
      params: { path: { name } },
      ...(signal && { signal }),
    }),
  );

/** Checks the domain's records in DNS now. */
export function useCheckNow(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => checkNow(api, name),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

export interface ClaimRequest {
  readonly name: string;
  /** Absent: as it was of a domain that is brought back, else by the service. */
  readonly hosting?: Domain['hosting'];
  /** Absent: sending. */
  readonly purpose?: Domain['purpose'];
  readonly key: string;
}

export function useClaimDomain() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    // One key for each wish, so that a retry of the same wish does nothing twice.
    mutationFn: ({ name, hosting, purpose, key }: ClaimRequest) =>
      answerOf(
        api.POST('/v1/domains', {
          body: { name, ...(hosting && { hosting }), ...(purpose && { purpose }) },
          params: { header: { 'Idempotency-Key': key } },
        }),
      ),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

export function useDeleteDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE('/v1/domains/{name}', { params: { path: { name } } })),
    onSuccess: (domain) => noteDomain(client, domain),
  });
}

/** Changes what is hosted for the domain; what is absent stays. */
export function useChangeDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ChangeRequest) =>
      answerOf(api.PATCH('/v1/domains/{name}', { params: { path: { name } }, body: change })),
    onSuccess: (domain) => {
      noteDomain(client, domain);
      void client.invalidateQueries({ queryKey: keys.senders(name) });
      void client.invalidateQueries({ queryKey: keys.plan(name) });
    },
  });
}

/** Every key that the domain ever had; asked for again when another signs. */
export function useKeys({ name, dkim }: Pick<Domain, 'name' | 'dkim'>) {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.keys(name), dkim.current, dkim.next, dkim.previous],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/keys', { params: { path: { name } }, signal })),
  });
}

/** Moves on to the next key, or revokes the current one. */
export function useRotate(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: RotationReason) =>
      answerOf(
        api.POST('/v1/domains/{name}/rotations', { params: { path: { name } }, body: { reason } }),
      ),
    onSuccess: (domain) => {
      noteDomain(client, domain);
      void client.invalidateQueries({ queryKey: keys.keys(name) });
    },
  });
}

/**
 * Queries the requirements of the next steps of the domain's DMARC plan, and the evidence for them.
 */
export function usePlan(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.plan(name),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/dmarc-plan', { params: { path: { name } }, signal })),
    staleTime: 60_000,
  });
}

/** Queries the permitted senders of the domain by its SPF record, as DNS has it now. */
export function useSenders(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.senders(name),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/domains/{name}/spf', { params: { path: { name } }, signal })),
    staleTime: 60_000,
  });
}

export function useApiKeys() {
  const api = useApi();
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => answerOf(api.GET('/v1/api-keys', { signal })),
  });
}

/** Makes a key; the answer is the only place that has it. */
export function useIssueApiKey() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { name: string; scopes: Scope[] }) =>
      answerOf(api.POST('/v1/api-keys', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useRevokeApiKey() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE('/v1/api-keys/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

/** The records as a file. */
export function useExport(name: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (format: RecordFormat) =>
      answerOf(
        api.GET('/v1/domains/{name}/records', {
          params: { path: { name }, query: { format } },
          parseAs: 'text',
        }),
      ),
  });
}

/** Makes a link that shows the records to anyone who has it. */
export function useShareLink(name: string) {
  const api = useApi();
  return useMutation({
    mutationFn: () =>
      answerOf(api.POST('/v1/domains/{name}/share-links', { params: { path: { name } } })),
  });
}

/**
 * Queries once, while there is anything to create, if the domain's DNS provider can create its
 * records.
 */
export function useDomainConnect(domain: Domain) {
  const api = useApi();
  return useQuery({
    queryKey: keys.domainConnect(domain.name),
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains/{name}/domain-connect', {
          params: { path: { name: domain.name } },
          signal,
        }),
      ),
    enabled: !isSettled(domain),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data?.reason === 'preparing' ? 5_000 : false),
  });
}

/**
 * Queries the reports of receivers about the domain's mail.
 *
 * @param from the first day, `2026-11-01`
 */
export function useReports(name: string, from: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.reports(name, from),
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/domains/{name}/reports', {
          params: { path: { name }, query: { from } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useWebhooks() {
  const api = useApi();
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: ({ signal }) => answerOf(api.GET('/v1/webhooks', { signal })),
  });
}

/** Makes a webhook; the answer is the only place that has its secret. */
export function useCreateWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { url: string; events: WebhookEvent[] }) =>
      answerOf(api.POST('/v1/webhooks', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.webhooks }),
  });
}

export function useDeleteWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const { response, error } = await api.DELETE('/v1/webhooks/{id}', {
        params: { path: { id } },
      });
      refuse(response, error);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.webhooks }),
  });
}

/** Queries the recent deliveries to a webhook, and its answers. */
export function useDeliveries(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.deliveries(id),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/webhooks/{id}/deliveries', { params: { path: { id } }, signal })),
    refetchInterval: 10_000,
  });
}

/** Sends a mail. @returns its id */
export function useSendMail() {
  const api = useApi();
  return useMutation({
    mutationFn: async ({ raw, key }: { raw: string; key: string }) => {
      const { id } = await answerOf(
        api.POST('/v1/messages', {
          body: raw,
          bodySerializer: (body) => body,
          headers: { 'content-type': 'message/rfc822' },
          params: { header: { 'Idempotency-Key': key } },
        }),
      );
      return id;
    },
  });
}

/** Queries the state of a mail until it is final for all its recipients. */
export function useMessage(id: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: keys.message(id ?? ''),
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/messages/{id}', { params: { path: { id: id ?? '' } }, signal })),
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data !== undefined && ['delivered', 'bounced', 'refused'].includes(data.status)
        ? false
        : nextDelay(dataUpdateCount, { first: 1_000 }),
  });
}

function noteDomain(client: QueryClient, domain: Domain): void {
  client.setQueryData<FetchedDomain>(keys.domain(domain.name), { domain, unchanged: 0 });
  void client.invalidateQueries({ queryKey: keys.domains });
}

export { idempotencyKey };
