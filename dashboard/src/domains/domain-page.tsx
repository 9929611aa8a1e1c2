import Alert from '@cloudscape-design/components/alert';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Domain } from '../api/client.ts';
import { idempotencyKey } from '../api/client.ts';
import { useClaimDomain } from '../api/queries/change-domain.ts';
import { useDomain } from '../api/queries/domain.ts';
import { useTitle } from '../frame/announce.tsx';
import { TestMail } from '../messages/test-mail.tsx';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { Broken } from './broken.tsx';
import { DeleteDomain } from './delete-domain.tsx';
import { KeysView } from './keys-view.tsx';
import { PreparedKeys } from './prepared-keys.tsx';
import { RecordActions } from './record-actions.tsx';
import { RecordsView } from './records-view.tsx';
import { DomainStatus, dmarcStage, SendingStatus } from './status.tsx';

// Charts are large, and only this tab has any.
const ReportsView = lazy(() => import('./reports-view.tsx'));
const PoliciesView = lazy(() => import('./policies-view.tsx'));
const HistoryView = lazy(() => import('../history/history-view.tsx'));
const RecentMessages = lazy(() => import('../messages/recent-messages.tsx'));

/** Shows all about one domain. The address has the open tab. */
export default function DomainPage({ name }: { readonly name: string }) {
  useTitle(name);
  const { data: domain, error, refetch } = useDomain(name);
  const follow = useFollow();
  return (
    <ContentLayout
      breadcrumbs={
        <BreadcrumbGroup
          onFollow={follow}
          items={[
            { text: 'Domains', href: paths.domains },
            { text: name, href: paths.domain(name) },
          ]}
        />
      }
      header={
        <Header variant="h1" actions={domain && <DomainActions domain={domain} />}>
          <span className="dns-text">{name}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && (
          <Problem
            header={`${name} cannot be shown`}
            error={error}
            onRetry={() => void refetch()}
          />
        )}
        {domain !== undefined && <Warnings domain={domain} />}
        {domain?.lifecycle === 'live' && <PreparedKeys prepared={domain.dkim.prepared} />}
        {domain !== undefined && <Overview domain={domain} />}
        {domain !== undefined && <Sections domain={domain} />}
        {domain === undefined && error === null && <Spinner size="large" />}
      </SpaceBetween>
    </ContentLayout>
  );
}

function DomainActions({ domain }: { readonly domain: Domain }) {
  const [asking, setAsking] = useState(false);
  const claim = useClaimDomain();
  const notify = useNotify();
  if (domain.lifecycle === 'deleting') {
    return (
      <Button
        loading={claim.isPending}
        onClick={() =>
          claim.mutate(
            { name: domain.name, key: idempotencyKey() },
            {
              onSuccess: () =>
                notify({
                  type: 'success',
                  content: `${domain.name} is kept, with the same records.`,
                }),
              onError: ({ message }) => notify({ type: 'error', content: message }),
            },
          )
        }
      >
        Undo the deletion
      </Button>
    );
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>Delete</Button>
      {asking && <DeleteDomain name={domain.name} onClose={() => setAsking(false)} />}
    </>
  );
}

function Warnings({ domain }: { readonly domain: Domain }) {
  return (
    <>
      {domain.lifecycle === 'deleting' && (
        <Alert type="warning" header="Being deleted">
          Nothing is sent for this domain. What its records point at stays published for 7 days,
          {domain.deletedAt !== undefined && (
            <>
              {' '}
              counted from <Time at={domain.deletedAt} />,
            </>
          )}{' '}
          in which the deletion can be undone.
        </Alert>
      )}
      {domain.lifecycle === 'live' && <Broken domain={domain} />}
      {domain.dkim.heldBack !== null && (
        <Alert type="warning" header="The rotation to the next key is held back">
          {domain.dkim.heldBack.detail} The current key goes on signing. Since{' '}
          <Time at={domain.dkim.heldBack.since} />.
        </Alert>
      )}
      {domain.problem !== undefined && (
        <Alert type="error" header="Our own DNS does not show this domain as it should">
          {domain.problem.detail} Since <Time at={domain.problem.since} />. The operator has been
          notified; you need not do anything.
        </Alert>
      )}
    </>
  );
}

function Overview({ domain }: { readonly domain: Domain }) {
  const { dkim, createdAt, verifiedAt, purpose } = domain;
  const keys = [
    { label: 'Signs with', value: dkim.current ?? '–' },
    { label: 'Next key', value: dkim.next ?? '–' },
    {
      label: 'Next rotation',
      value: dkim.rotatesAt === null ? '–' : <Time at={dkim.rotatesAt} date />,
    },
  ];
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Status', value: <DomainStatus domain={domain} /> },
          { label: 'Sending', value: <SendingStatus domain={domain} /> },
          // A parked domain has no keys.
          ...(purpose === 'parked' ? [] : keys),
          { label: 'DMARC', value: dmarcStage(domain) },
          { label: 'Added', value: <Time at={createdAt} /> },
          { label: 'Verified', value: verifiedAt === null ? '–' : <Time at={verifiedAt} /> },
        ]}
      />
    </Container>
  );
}

function Sections({ domain }: { readonly domain: Domain }) {
  const [search, setSearch] = useSearchParams();
  const live = domain.lifecycle === 'live';
  const parked = domain.purpose === 'parked';
  return (
    <Tabs
      activeTabId={search.get('tab') ?? 'records'}
      onChange={({ detail }) => setSearch({ tab: detail.activeTabId }, { replace: true })}
      ariaLabel={`About ${domain.name}`}
      tabs={[
        {
          id: 'records',
          label: 'Records',
          content: (
            <RecordsView
              domain={domain}
              title="DNS records"
              actions={<RecordActions domain={domain} />}
            />
          ),
        },
        ...(parked
          ? []
          : [{ id: 'keys', label: 'Signing keys', content: <KeysView domain={domain} /> }]),
        {
          id: 'policies',
          label: 'SPF and DMARC',
          content: (
            <Suspense fallback={<Spinner size="large" />}>
              <PoliciesView domain={domain} />
            </Suspense>
          ),
        },
        {
          id: 'reports',
          label: 'Reports',
          content: (
            <Suspense fallback={<Spinner size="large" />}>
              <ReportsView name={domain.name} />
            </Suspense>
          ),
        },
        ...(parked
          ? []
          : [
              {
                id: 'messages',
                label: 'Recent messages',
                content: (
                  <Suspense fallback={<Spinner size="large" />}>
                    <RecentMessages domain={domain.name} />
                  </Suspense>
                ),
              },
            ]),
        {
          id: 'history',
          label: 'History',
          content: (
            <Suspense fallback={<Spinner size="large" />}>
              <HistoryView name={domain.name} />
            </Suspense>
          ),
        },
        ...(live && !parked && domain.status !== 'pending'
          ? [{ id: 'test', label: 'Test mail', content: <TestMail domain={domain.name} /> }]
          : []),
      ]}
    />
  );
}
