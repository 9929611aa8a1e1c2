import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { Reports } from '../api/client.ts';
import { number, share } from './figures.ts';

type Selector = Reports['selectors'][number];
type Reporter = Reports['reporters'][number];

/** The reported mail by the key that signed it, and by the receiver that reported it. */
export function ReportDetails({
  reports: { selectors, reporters },
}: {
  readonly reports: Reports;
}) {
  return (
    <SpaceBetween size="l">
      <ExpandableSection headerText="By signing key" variant="container">
        <Table
          variant="embedded"
          wrapLines
          items={selectors}
          trackBy="selector"
          ariaLabels={{ tableLabel: 'Reported mail by signing key' }}
          empty="No receiver has reported signed mail of these days yet."
          columnDefinitions={[
            {
              id: 'selector',
              header: 'Selector',
              isRowHeader: true,
              cell: ({ selector }: Selector) => <span className="dns-text">{selector}</span>,
            },
            {
              id: 'passed',
              header: 'Passed',
              cell: ({ passed, rate }: Selector) => `${number.format(passed)} (${share(rate)})`,
            },
            {
              id: 'failed',
              header: 'Failed',
              cell: ({ failed }: Selector) => number.format(failed),
            },
          ]}
        />
      </ExpandableSection>
      <ExpandableSection headerText="By receiver" variant="container">
        <Table
          variant="embedded"
          wrapLines
          items={reporters}
          trackBy="reporter"
          ariaLabels={{ tableLabel: 'Reported mail by receiver' }}
          empty="No receiver has reported mail of these days yet."
          columnDefinitions={[
            {
              id: 'reporter',
              header: 'Receiver',
              isRowHeader: true,
              cell: ({ reporter }: Reporter) => <span className="dns-text">{reporter}</span>,
            },
            {
              id: 'reports',
              header: 'Reports',
              cell: ({ reports }: Reporter) => number.format(reports),
            },
            {
              id: 'mails',
              header: 'Mails',
              cell: ({ messages }: Reporter) => number.format(messages),
            },
          ]}
        />
      </ExpandableSection>
    </SpaceBetween>
  );
}
