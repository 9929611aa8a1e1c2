import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Reports } from '../api/client.ts';
import { useReports } from '../api/queries.ts';
import { daysFromNow } from '../ui/days-from-now.ts';
import { useNarrow } from '../ui/narrow.ts';
import { Problem } from '../ui/problem.tsx';

const spans = [7, 30, 90] as const;

/** Shows the reports of receivers about the domain's mail, by day and by sender. */
export default function ReportsView({ name }: { readonly name: string }) {
  const [days, setDays] = useState<number>(30);
  const from = daysFromNow(-days).slice(0, 10);
  const { data: reports, error, refetch } = useReports(name, from);
  const options = spans.map((span) => ({ value: String(span), label: `Last ${span} days` }));
  return (
    <SpaceBetween size="l">
      <Select
        ariaLabel="Days to show"
        options={options}
        selectedOption={options.find(({ value }) => value === String(days)) ?? null}
        onChange={({ detail }) => setDays(Number(detail.selectedOption.value))}
      />
      {error !== null && (
        <Problem
          header="The reports cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {reports === undefined && error === null && <Spinner size="large" />}
      {reports !== undefined && <Totals reports={reports} />}
      {reports !== undefined && <ByDay reports={reports} />}
      {reports !== undefined && <Sources reports={reports} />}
    </SpaceBetween>
  );
}

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const number = new Intl.NumberFormat();
const share = (rate: number | null): string => (rate === null ? '–' : percent.format(rate));

function Totals({
  reports: { totals, unverified, unreadableRows, coarse },
}: {
  readonly reports: Reports;
}) {
  return (
    <Container header={<Header variant="h2">Mail that receivers reported</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Mails', value: number.format(totals.messages) },
          { label: 'Passed DMARC', value: share(totals.rates.passed) },
          { label: 'Passed DKIM', value: share(totals.rates.dkim) },
          { label: 'Passed SPF', value: share(totals.rates.spf) },
          { label: 'Put to spam', value: number.format(totals.quarantined) },
          { label: 'Refused', value: number.format(totals.rejected) },
          {
            label: 'Not counted',
            value: `${number.format(unverified.messages)} in reports that anybody may have written`,
          },
          ...(unreadableRows === 0
            ? []
            : [
                {
                  label: 'Not readable',
                  value: `${number.format(unreadableRows)} rows without an address or a number`,
                },
              ]),
          ...(coarse.reports === 0
            ? []
            : [
                {
                  label: 'Of several days',
                  value: `${number.format(coarse.messages)} mails, spread over the days`,
                },
              ]),
        ]}
      />
    </Container>
  );
}

function ByDay({ reports: { days, from, to } }: { readonly reports: Reports }) {
  const series = [
    { title: 'Passed', data: days.map((each) => ({ x: each.day, y: each.passed })) },
    {
      title: 'Failed',
      data: days.map((each) => ({ x: each.day, y: each.messages - each.passed })),
    },
  ].map((each) => ({ ...each, type: 'bar' as const }));
  const any = days.some(({ messages }) => messages > 0);
  return (
    <Container header={<Header variant="h2">By day</Header>}>
      <BarChart
        stackedBars
        height={220}
        hideFilter
        ariaLabel={`Mails by day from ${from} to ${to}, by result`}
        xTitle="Day"
        yTitle="Mails"
        xScaleType="categorical"
        series={any ? series : []}
        empty={<Box textAlign="center">No receiver has reported mail of these days yet.</Box>}
      />
    </Container>
  );
}

type Source = Reports['sources'][number];

const kinds: Record<Source['kind'], string> = {
  service: 'This service',
  sender: 'Another sender',
  forwarder: 'Passes mail on',
  unknown: 'Unknown',
};

function Sources({ reports }: { readonly reports: Reports }) {
  const narrow = useNarrow();
  const source = {
    id: 'source',
    header: 'Source',
    isRowHeader: true,
    cell: ({ id, kind, addresses, service, messages, passed: count }: Source) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{id}</span>
        <Box variant="small">{service?.name ?? kinds[kind]}</Box>
        {service !== null && count < messages && <Box variant="small">{service.align}</Box>}
        {addresses.length > 0 && (
          <ExpandableSection headerText="Addresses" variant="footer">
            <span className="dns-text">{addresses.join(', ')}</span>
          </ExpandableSection>
        )}
      </SpaceBetween>
    ),
  };
  const passed = {
    id: 'passed',
    header: 'Passed',
    cell: ({ rates, messages, passed: count }: Source) => (
      <StatusIndicator type={count === messages ? 'success' : 'warning'}>
        {share(rates.passed)}
      </StatusIndicator>
    ),
  };
  const mails = {
    id: 'mails',
    header: 'Mails',
    cell: ({ messages }: Source) => number.format(messages),
  };
  return (
    <Table
      header={
        <Header variant="h2" description="Who sent mail with this domain in its From address.">
          Sources
        </Header>
      }
      items={reports.sources}
      trackBy="id"
      wrapLines
      columnDefinitions={
        narrow
          ? [source, passed]
          : [
              source,
              mails,
              passed,
              { id: 'dkim', header: 'DKIM', cell: ({ rates }: Source) => share(rates.dkim) },
              { id: 'spf', header: 'SPF', cell: ({ rates }: Source) => share(rates.spf) },
            ]
      }
      empty="No receiver has reported mail of these days yet."
    />
  );
}
