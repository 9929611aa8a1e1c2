import { useSearchParams } from 'wouter';
import { isOrder, isStatusFilter, type Order, type StatusFilter } from './domain-filter.ts';

/** The list's part of the address. What is as at first is not in it. */
export function useListAddress() {
  const [search, setSearch] = useSearchParams();
  const status = search.get('status') ?? '';
  const sort = search.get('sort') ?? '';
  return {
    text: search.get('name') ?? '',
    status: isStatusFilter(status) ? status : ('all' satisfies StatusFilter),
    order: isOrder(sort) ? sort : ('name' satisfies Order),
    page: Math.max(1, Number(search.get('page')) || 1),
    change: (changes: { name?: string; status?: string; sort?: string; page?: number }): void => {
      const next = new URLSearchParams(search);
      for (const [key, value] of Object.entries(changes)) next.set(key, String(value));
      for (const [key, value] of Object.entries(firstValues)) {
        if (next.get(key) === value) next.delete(key);
      }
      setSearch(next, { replace: true });
    },
  };
}

const firstValues = { name: '', status: 'all', sort: 'name', page: '1' } as const;
