import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useNarrow } from '../ui/narrow.ts';
import { Time } from '../ui/time.tsx';
import { names, type Dmarc } from './disposition.ts';

type Step = Dmarc['history'][number];

const whose: Record<Step['tag'], string> = { p: 'The domain', sp: 'Its subdomains' };

/** Shows the changes of the policy, the last one first. */
export function DmarcHistory({ history }: { readonly history: Dmarc['history'] }) {
  const narrow = useNarrow();
  const change = {
    id: 'change',
    header: 'Change',
    isRowHeader: true,
    cell: ({ tag, from, to, at }: Step) => (
      <SpaceBetween size="xxxs">
        <span>
          {names[from]} → {names[to]}
        </span>
        <Box variant="small">
          {whose[tag]}, <Time at={at} />
        </Box>
      </SpaceBetween>
    ),
  };
  const why = {
    id: 'why',
    header: 'Why',
    cell: (step: Step) => <span className="dns-text">{step.why}</span>,
  };
  return (
    <Table
      header={<Header variant="h2">History of the policy</Header>}
      items={history.toReversed()}
      wrapLines
      columnDefinitions={narrow ? [change, why] : [{ ...change, width: 320 }, why]}
      empty="The policy is what it was when the domain was added."
    />
  );
}
