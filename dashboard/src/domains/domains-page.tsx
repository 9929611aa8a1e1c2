import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useCallback, useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { DomainInShort } from '../api/client.ts';
import { useOverview } from '../api/queries/overview.ts';
import { useTitle } from '../frame/announce.tsx';
import { paths } from '../paths.ts';
import { Choice } from '../ui/choice.tsx';
import { Problem } from '../ui/problem.tsx';
import { BulkActions } from './bulk-actions.tsx';
import { DomainTable } from './domain-table.tsx';
import { findDomains, statusFilters, type Order } from './domain-filter.ts';
import { number } from './figures.ts';
import { useListAddress } from './list-address.ts';

const PAGE = 25;
const none: readonly DomainInShort[] = [];

/** Lists the domains. The address has the search text, the status, the order and the page. */
export default function DomainsPage() {
  useTitle('Domains');
  const { text, status, order, page, change } = useListAddress();
  const { data, error, isPending, refetch } = useOverview();
  const [, navigate] = useLocation();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const all = data?.domains ?? none;
  const found = useMemo(
    () => findDomains(all, { text, status, order }),
    [all, text, status, order],
  );
  const chosen = useMemo(() => found.filter(({ name }) => selected.has(name)), [found, selected]);
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const at = Math.min(page, pages);
  const shown = useDeferredValue(
    useMemo(() => found.slice((at - 1) * PAGE, at * PAGE), [found, at]),
  );
  const selectedHere = useMemo(
    () => shown.filter(({ name }) => selected.has(name)),
    [shown, selected],
  );
  // Those of other pages stay selected.
  const select = useCallback(
    (here: readonly DomainInShort[], some: readonly DomainInShort[]) =>
      setSelected((before) => {
        const next = new Set(before);
        for (const { name } of here) next.delete(name);
        for (const { name } of some) next.add(name);
        return next;
      }),
    [],
  );
  const add = (
    <Button variant="primary" onClick={() => navigate(paths.addDomain)}>
      Add a domain
    </Button>
  );
  const counter =
    found.length === all.length
      ? `(${number.format(all.length)})`
      : `(${number.format(found.length)} of ${number.format(all.length)})`;
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem
          header="The domains cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <Header
        variant="h1"
        counter={data === undefined ? '' : counter}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <BulkActions
              chosen={chosen}
              found={found}
              onChoose={(some) => setSelected(new Set(some.map(({ name }) => name)))}
            />
            {add}
          </SpaceBetween>
        }
      >
        Domains
      </Header>
      <div className="list-filters">
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Find in names"
          filteringAriaLabel="Find domains"
          countText={text === '' ? '' : `${number.format(found.length)} found`}
          onChange={({ detail }) => change({ name: detail.filteringText, page: 1 })}
        />
        <Choice
          label="Status"
          options={statusFilters}
          chosen={status}
          onChoose={(wanted) => change({ status: wanted, page: 1 })}
        />
        <Choice
          label="Order"
          options={orderNames}
          chosen={order}
          onChoose={(wanted) => change({ sort: wanted, page: 1 })}
        />
        <Pagination
          currentPageIndex={at}
          pagesCount={pages}
          onChange={({ detail }) => change({ page: detail.currentPageIndex })}
          ariaLabels={{
            nextPageLabel: 'Next page',
            previousPageLabel: 'Previous page',
            paginationLabel: 'Pages of domains',
            pageLabel: (index) => `Page ${index}`,
          }}
        />
      </div>
      {data !== undefined && all.length === 0 ? (
        <NoDomains add={add} />
      ) : (
        <DomainTable
          shown={shown}
          selected={selectedHere}
          loading={isPending}
          empty={error === null && 'No domain of yours is found by this.'}
          onSelect={select}
        />
      )}
    </SpaceBetween>
  );
}

const orderNames: Record<Order, string> = {
  name: 'By name',
  status: 'Most urgent first',
  mail: 'Most mail first',
  bounced: 'Most bounces first',
  complained: 'Most complaints first',
};

function NoDomains({ add }: { readonly add: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: 'l' }}>
      <SpaceBetween size="m">
        <Box variant="h2">No domains yet</Box>
        <Box color="text-body-secondary">
          Add the domain in the From address of your mail. You get a few DNS records to create,
          once; everything after that happens by itself.
        </Box>
        {add}
      </SpaceBetween>
    </Box>
  );
}
