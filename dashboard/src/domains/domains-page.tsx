import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState, type ReactNode } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Domain } from '../api/client.ts';
import { useDomains } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';
import { useNarrow } from '../ui/narrow.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { useSettled } from '../ui/settled.ts';
import { DomainStatus, dmarcStage, SendingStatus } from './status.tsx';

const PAGE = 25;
/** Milliseconds of rest after which what was typed is searched for. */
const TYPING = 250;

/** Lists the domains by name, page by page; the address has the search text. */
export function DomainsPage() {
  const [search, setSearch] = useSearchParams();
  const typed = search.get('name') ?? '';
  const prefix = useSettled(typed, TYPING).trim().toLowerCase();
  const { page, cursor, next, previous } = useCursors(prefix);
  const { data, error, isPending, refetch } = useDomains({ prefix, cursor, limit: PAGE });
  const [, navigate] = useLocation();
  const add = (
    <Button variant="primary" onClick={() => navigate(paths.addDomain)}>
      Add a domain
    </Button>
  );
  const domains = data?.domains ?? [];
  const hasMore = typeof data?.cursor === 'string';
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem
          header="The domains cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <Table
        header={
          <Header variant="h1" description="The domains that you send mail from." actions={add}>
            Domains
          </Header>
        }
        variant="full-page"
        items={domains}
        trackBy="name"
        loading={isPending}
        loadingText="Loading the domains"
        columnDefinitions={useColumns()}
        filter={
          <TextFilter
            filteringText={typed}
            filteringPlaceholder="Find by the beginning of the name"
            filteringAriaLabel="Find domains by the beginning of their name"
            onChange={({ detail }) =>
              setSearch(detail.filteringText === '' ? {} : { name: detail.filteringText }, {
                replace: true,
              })
            }
          />
        }
        pagination={
          <Pagination
            currentPageIndex={page + 1}
            pagesCount={page + 1}
            pagesVariant="compact"
            openEnd={hasMore}
            onNextPageClick={() => {
              if (typeof data?.cursor === 'string') next(data.cursor);
            }}
            onPreviousPageClick={previous}
            ariaLabels={{
              nextPageLabel: 'Next page',
              previousPageLabel: 'Previous page',
              paginationLabel: 'Pages of domains',
              pageLabel: (number) => `Page ${number}`,
            }}
          />
        }
        empty={error !== null ? undefined : prefix === '' ? <NoDomains add={add} /> : <NoneFound />}
      />
    </SpaceBetween>
  );
}

/** The cursors of the pages so far; another search begins again. */
function useCursors(prefix: string) {
  const [state, setState] = useState<{ prefix: string; cursors: readonly string[] }>({
    prefix,
    cursors: [],
  });
  const cursors = state.prefix === prefix ? state.cursors : [];
  const change = (changed: readonly string[]): void => setState({ prefix, cursors: changed });
  return {
    page: cursors.length,
    cursor: cursors.at(-1),
    next: (cursor: string) => change([...cursors, cursor]),
    previous: () => change(cursors.slice(0, -1)),
  };
}

function useColumns() {
  const follow = useFollow();
  const narrow = useNarrow();
  const name = {
    id: 'name',
    header: 'Domain',
    isRowHeader: true,
    cell: (domain: Domain) => (
      <SpaceBetween size="xxxs">
        <Link href={pageOf(domain)} onFollow={follow}>
          <span className="dns-text">{domain.name}</span>
        </Link>
        {/* On a phone the other columns have no room. */}
        {narrow && domain.dkim.current !== null && (
          <Box variant="small">Signs with {domain.dkim.current}</Box>
        )}
      </SpaceBetween>
    ),
  };
  const status = {
    id: 'status',
    header: 'Status',
    cell: (domain: Domain) => <DomainStatus domain={domain} />,
  };
  if (narrow) return [name, status];
  return [
    name,
    status,
    {
      id: 'sending',
      header: 'Sending',
      cell: (domain: Domain) => <SendingStatus domain={domain} />,
    },
    {
      id: 'selector',
      header: 'Signs with',
      cell: ({ dkim: { current } }: Domain) => current ?? '–',
    },
    {
      id: 'rotation',
      header: 'Next rotation',
      cell: ({ dkim: { rotatesAt } }: Domain) =>
        rotatesAt === null ? '–' : <Time at={rotatesAt} date />,
    },
    { id: 'dmarc', header: 'DMARC', cell: (domain: Domain) => dmarcStage(domain) },
  ];
}

/** A domain that waits for its records is where they are. */
const pageOf = ({ name, status, lifecycle }: Domain): string =>
  status === 'pending' && lifecycle === 'live' ? paths.setUp(name) : paths.domain(name);

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

function NoneFound() {
  return (
    <Box textAlign="center" color="text-body-secondary" padding={{ vertical: 'l' }}>
      No domain of yours begins with this.
    </Box>
  );
}
