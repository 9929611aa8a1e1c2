import Alert from '@cloudscape-design/components/alert';
import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Reports } from '../api/client.ts';
import { useReports } from '../api/queries/policies.ts';
import { daysFromNow } from '../ui/days-from-now.ts';
import { Problem } from '../ui/problem.tsx';
import { download } from '../ui/download.ts';
import { number, share } from './figures.ts';
import { isOwn, rateOf, sharesOf, type Share } from './own-mail.ts';
import { PolicyEffects } from './policy-effects.tsx';
import { ReportDetails } from './report-details.tsx';
import { sourcesCsv } from './reports-csv.ts';
import { SourcesView } from './sources-view.tsx';

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
      {reports?.suggestion === 'parked' && <SuggestParked name={name} />}
      {reports !== undefined && <Totals name={name} reports={reports} />}
      {reports !== undefined && <ByDay reports={reports} />}
      {reports !== undefined && <SourcesView name={name} sources={reports.sources} />}
      {reports !== undefined && reports.totals.messages > 0 && <PolicyEffects name={name} />}
      {reports !== undefined && reports.totals.messages > 0 && <ReportDetails reports={reports} />}
    </SpaceBetween>
  );
}

function SuggestParked({ name }: { readonly name: string }) {
  return (
    <Alert type="info" header="Does this domain send mail at all?">
      Receivers have reported mail of <span className="dns-text">{name}</span> for 60 days, and none
      of it passed. If it sends nothing, delete it here and add it again as a domain that sends no
      mail: receivers are then asked to reject what others forge.
    </Alert>
  );
}

/** Your own mail by itself: that of strangers says nothing of how yours does. */
function Totals({ name, reports }: { readonly name: string; readonly reports: Reports }) {
  const { totals, unverified, unreadableRows, coarse, sources } = reports;
  const { own, forwarded, others } = sharesOf(sources);
  const undecided = sources.filter(
    (source) => source.decision === 'undecided' && !isOwn(source) && source.kind === 'sender',
  ).length;
  const take = (): void => download(`${name}-reports.csv`, sourcesCsv(reports), 'text/csv');
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            undecided === 0
              ? 'By what receivers reported.'
              : `By what receivers reported. Say of ${number.format(undecided)} ${undecided === 1 ? 'source' : 'sources'} below whether it is yours.`
          }
          actions={
            <Button iconName="download" onClick={take}>
              Download
            </Button>
          }
        >
          Mail that receivers reported
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Your mail', value: number.format(own.messages) },
          { label: 'Of it passed DMARC', value: <Passed of={own} /> },
          {
            label: 'Passed on by others',
            value: `${number.format(forwarded.messages)}, ${share(rateOf(forwarded))} passed`,
          },
          {
            label: 'Of senders that are not yours',
            value: `${number.format(others.messages)}, ${share(rateOf(others))} passed`,
          },
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

function Passed({ of }: { readonly of: Share }) {
  if (of.messages === 0) return '–';
  return (
    <StatusIndicator type={of.passed === of.messages ? 'success' : 'warning'}>
      <span className="figure">{share(rateOf(of))}</span>
    </StatusIndicator>
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
