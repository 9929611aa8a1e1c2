import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, refuse, type WebhookEvent } from '../client.ts';
import type { operations } from '../schema.d.ts';
import { keys } from './keys.ts';

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

/** Switches a webhook on, or changes it. */
export function useChangeWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string; active: boolean }) =>
      answerOf(api.PATCH('/v1/webhooks/{id}', { params: { path: { id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.webhooks }),
  });
}

/** Has a test sent; its delivery is in the list. */
export function useTestWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(api.POST('/v1/webhooks/{id}/test', { params: { path: { id } } })),
    onSuccess: (_, id) => client.invalidateQueries({ queryKey: keys.deliveries(id) }),
  });
}

/** Gives a webhook a new secret; the answer is the only place that has it. */
export function useRotateSecret() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, key, overlapHours }: { id: string; key: string; overlapHours: number }) =>
      answerOf(
        api.POST('/v1/webhooks/{id}/secrets', {
          params: { path: { id }, header: { 'Idempotency-Key': key } },
          body: { overlapHours },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.webhooks }),
  });
}

type Replay = NonNullable<
  operations['replayDeliveries']['requestBody']
>['content']['application/json'];

/** Has deliveries sent again. */
export function useReplay(id: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (what: Replay) =>
      answerOf(api.POST('/v1/webhooks/{id}/replays', { params: { path: { id } }, body: what })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.deliveries(id) }),
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
