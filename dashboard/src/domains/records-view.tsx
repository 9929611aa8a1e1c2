import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Cards from '@cloudscape-design/components/cards';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactNode } from 'react';
import type { DomainRecord } from '../api/client.ts';
import { recordTitles } from '../api/record-titles.ts';
import { useNarrow } from '../ui/narrow.ts';
import { enteredName, mxParts, possibleZones, type NameForm } from './record-form.ts';
import { SpfTree } from './spf-tree.tsx';
import { RecordStatus } from './status.tsx';

interface Props {
  readonly domain: string;
  readonly records: readonly DomainRecord[];
  readonly header: ReactNode;
}

/**
 * Lists the records to publish, each with the text to copy and its status; a table, or cards on a
 * phone.
 */
export function RecordsView({ domain, records, header }: Props) {
  const [form, setForm] = useState<NameForm>({ kind: 'full' });
  const narrow = useNarrow();
  const common = commonHint(records);
  const name = (record: DomainRecord) => <Name record={record} form={form} />;
  const standing = (record: DomainRecord) => <Standing record={record} common={common} />;
  const above = (
    <SpaceBetween size="s">
      <NameFormSelect domain={domain} form={form} onChange={setForm} />
      {common !== undefined && <Alert type="info">{common}</Alert>}
    </SpaceBetween>
  );
  if (narrow) {
    return (
      <Cards
        header={header}
        filter={above}
        items={[...records]}
        trackBy="id"
        cardDefinition={{
          header: (record) => (
            <Box variant="h3" padding="n">
              {record.type} · {recordTitles[record.purpose]}
            </Box>
          ),
          sections: [
            { id: 'status', content: standing },
            { id: 'name', header: 'Host', content: name },
            { id: 'value', header: 'Value', content: value },
            { id: 'why', header: 'Why', content: (record) => <Why record={record} /> },
          ],
        }}
      />
    );
  }
  return (
    <Table
      header={header}
      filter={above}
      items={[...records]}
      trackBy="id"
      variant="container"
      wrapLines
      columnDefinitions={[
        { id: 'status', header: 'Status', cell: standing, width: 240, minWidth: 190 },
        { id: 'type', header: 'Type', cell: (record) => record.type, width: 105, minWidth: 105 },
        { id: 'name', header: 'Host', cell: name, width: 230, minWidth: 170, isRowHeader: true },
        { id: 'value', header: 'Value', cell: value, width: 330, minWidth: 210 },
        { id: 'why', header: 'Why', cell: (record) => <Why record={record} />, minWidth: 180 },
      ]}
    />
  );
}

/** A hint that several records have is about the domain, and is said once. */
function commonHint(records: readonly DomainRecord[]): string | undefined {
  const hints = records.flatMap(({ hint }) => hint ?? []);
  return hints.find((hint) => hints.filter((other) => other === hint).length >= SEVERAL);
}

const SEVERAL = 4;

const value = (record: DomainRecord) => <Value record={record} />;

function NameFormSelect({
  domain,
  form,
  onChange,
}: {
  readonly domain: string;
  readonly form: NameForm;
  readonly onChange: (form: NameForm) => void;
}) {
  const options = [
    { value: '', label: 'Full host names' },
    ...possibleZones(domain).map((zone) => ({
      value: zone,
      label: `Host names as in the zone ${zone}`,
    })),
  ];
  const chosen = form.kind === 'full' ? '' : form.zone;
  return (
    <Select
      selectedOption={options.find(({ value }) => value === chosen) ?? null}
      options={options}
      onChange={({ detail }) => {
        const zone = detail.selectedOption.value ?? '';
        onChange(zone === '' ? { kind: 'full' } : { kind: 'relative', zone });
      }}
      ariaLabel="How your DNS provider wants host names"
    />
  );
}

function Name({ record, form }: { readonly record: DomainRecord; readonly form: NameForm }) {
  return <Copy what={`host of ${record.id}`} text={enteredName(record.name, form)} />;
}

/** Shows the text to enter, and the present text in DNS. */
function Value({ record }: { readonly record: DomainRecord }) {
  const others = record.observed.filter((value) => value !== record.value);
  return (
    <SpaceBetween size="xxs">
      <Expected record={record} />
      {others.length > 0 && (
        <span className="dns-text" data-testid={`observed-${record.id}`}>
          <Box variant="small">Found in DNS: {others.map((value) => `“${value}”`).join(', ')}</Box>
        </span>
      )}
    </SpaceBetween>
  );
}

function Expected({ record }: { readonly record: DomainRecord }) {
  if (record.value === '') {
    const why =
      record.status === 'preparing' ? 'Will be here in a moment' : 'Needs to be mended by hand';
    return <Box color="text-status-inactive">{why}</Box>;
  }
  const mx = record.type === 'MX' ? mxParts(record.value) : undefined;
  if (mx === undefined) return <Copy what={`value of ${record.id}`} text={record.value} />;
  return (
    <SpaceBetween size="xxxs">
      <Copy what={`mail server of ${record.id}`} text={mx.server} />
      <Box variant="small">Priority {mx.priority}</Box>
    </SpaceBetween>
  );
}

/** A name or value with a button that copies it. */
export function Copy({ what, text }: { readonly what: string; readonly text: string }) {
  return (
    <span className="dns-text">
      <CopyToClipboard
        variant="inline"
        wrapText
        textToCopy={text}
        copyButtonAriaLabel={`Copy ${what}`}
        copySuccessText="Copied"
        copyErrorText="Could not copy; select the text and copy it by hand"
      />
    </span>
  );
}

function Why({ record: { why, required } }: { readonly record: DomainRecord }) {
  return (
    <SpaceBetween size="xxs">
      <span>{why}</span>
      <Box variant="small">{required ? 'Required' : 'Recommended'}</Box>
    </SpaceBetween>
  );
}

/** The status, with what to repair. */
function Standing({
  record,
  common,
}: {
  readonly record: DomainRecord;
  readonly common: string | undefined;
}) {
  return (
    <SpaceBetween size="xxs">
      <RecordStatus record={record} />
      {record.hint !== null && record.hint !== common && (
        <span className="dns-text" data-testid={`hint-${record.id}`}>
          {record.hint}
        </span>
      )}
      {record.spf !== undefined && <SpfTree tree={record.spf} />}
    </SpaceBetween>
  );
}
