import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answerOf, idempotencyKey, type ImportRow } from '../api/client.ts';
import { byCursor, pageOf } from '../api/paging.ts';
import { useApi } from '../session/context.ts';

const TENANTS = ['tenants'] as const;
const IMPORTS = ['imports'] as const;
const PAGE = 50;

/** Pages of rows without any in the wanted state that are read before somebody is asked to go on. */
const PAGES_AT_ONCE = 20;

/** Milliseconds between two reads of an import that runs. */
const FOLLOW_MS = 2_500;

/** The platform's tenants, by external id; only the one of that id or external id where one is given. */
export function useTenants(wanted: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...TENANTS, wanted],
    ...byCursor,
    queryFn: async ({ signal, pageParam }) => {
      if (wanted === '') {
        const params = { query: pageOf(pageParam, PAGE) };
        return answerOf(api.GET('/v1/tenants', { params, signal }));
      }
      const params = { path: { id: wanted } };
      const tenant = await answerOf(api.GET('/v1/tenants/{id}', { params, signal }));
      return { tenants: [tenant], cursor: null };
    },
  });
}

/** Suspends a tenant. */
export function useSuspendTenant() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      answerOf(
        api.POST('/v1/tenants/{id}/suspend', { params: { path: { id } }, body: { reason } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: TENANTS }),
  });
}

/** Makes a suspended or closed tenant active again. */
export function useResumeTenant() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, refuseHeld }: { id: string; refuseHeld: boolean }) =>
      answerOf(
        api.POST('/v1/tenants/{id}/resume', { params: { path: { id } }, body: { refuseHeld } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: TENANTS }),
  });
}

/** The platform's imports, newest first. */
export function useImports() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: IMPORTS,
    ...byCursor,
    queryFn: ({ signal, pageParam }) =>
      answerOf(api.GET('/v1/imports', { params: { query: pageOf(pageParam, PAGE) }, signal })),
  });
}

/** An import, read again for as long as it runs. */
export function useImport(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/imports/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? FOLLOW_MS : false),
  });
}

/**
 * The rows of an import, in their order.
 *
 * @param worked rows that were worked on; the rows are read again as it grows
 */
export function useImportRows(id: string, state: ImportRow['state'] | undefined, worked: number) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['import-rows', id, state, worked],
    placeholderData: keepPreviousData,
    ...byCursor,
    queryFn: async ({ signal, pageParam }) => {
      let cursor = pageParam;
      // A page has the rows in that state among some of the list, which may be none.
      for (let pages = 1; ; pages += 1) {
        const query = {
          ...(state === undefined ? {} : { state }),
          ...(cursor === undefined ? {} : { cursor }),
        };
        const page = await answerOf(
          api.GET('/v1/imports/{id}/rows', { params: { path: { id }, query }, signal }),
        );
        if (page.rows.length > 0 || page.cursor === null || pages === PAGES_AT_ONCE) return page;
        cursor = page.cursor;
      }
    },
  });
}

/** Brings in a list of domains. */
export function useStartImport() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ list, dryRun }: { list: string; dryRun: boolean }) =>
      answerOf(
        api.POST('/v1/imports', {
          params: {
            query: { dryRun: dryRun ? 'true' : 'false' },
            header: { 'Idempotency-Key': idempotencyKey() },
          },
          headers: { 'content-type': 'text/csv' },
          body: list,
          bodySerializer: (body) => body,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: IMPORTS }),
  });
}

/** Stops an import; what was claimed stays claimed. */
export function useCancelImport() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE('/v1/imports/{id}', { params: { path: { id } } })),
    onSuccess: async (_, id) => {
      await client.invalidateQueries({ queryKey: ['import', id] });
      await client.invalidateQueries({ queryKey: IMPORTS });
    },
  });
}

/** What the platform may use, and what is left of it. */
export function usePlatformLimits() {
  const api = useApi();
  return useQuery({
    queryKey: ['platform-limits'],
    queryFn: ({ signal }) => answerOf(api.GET('/v1/limits', { signal })),
  });
}
