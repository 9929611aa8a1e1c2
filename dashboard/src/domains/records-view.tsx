import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import type { Domain, DomainRecord } from '../api/client.ts';
import { Time } from '../ui/time.tsx';
import { possibleZones, type NameForm } from './record-form.ts';
import { RecordList } from './record-list.tsx';
import { isRight } from './status.tsx';

/** Shows the records to publish, each with the text to copy and its status. */
export function RecordsView({
  domain,
  title,
  actions,
}: {
  readonly domain: Domain;
  readonly title: ReactNode;
  readonly actions: ReactNode;
}) {
  const [form, setForm] = useState<NameForm>({ kind: 'full' });
  const common = commonHint(domain.records);
  return (
    <Container
      header={
        <Header variant="h2" description={<Checked at={domain.checkedAt} />} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <NameFormSelect domain={domain.name} form={form} onChange={setForm} />
        {common !== undefined && <Alert type="info">{common}</Alert>}
        {partsOf(domain.records).map(({ title: part, description, some }) => (
          <div key={part}>
            <Header variant="h3" counter={counter(some)} description={description}>
              {part}
            </Header>
            <RecordList title={part} domain={domain} records={some} form={form} common={common} />
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}

function Checked({ at }: { readonly at: string | null }) {
  if (at === null) return 'Not checked yet';
  return (
    <>
      DNS was checked <Time at={at} />
    </>
  );
}

interface Part {
  readonly title: string;
  readonly description: string;
  readonly some: readonly DomainRecord[];
}

/** The records that sending waits for, and the others; a part without records is left out. */
const partsOf = (records: readonly DomainRecord[]): Part[] =>
  [
    {
      title: 'Required',
      description: 'Mail can be sent once these are right.',
      some: records.filter(({ required }) => required),
    },
    {
      title: 'Recommended',
      description: 'Not needed to send; they help mail arrive and keep others from forging it.',
      some: records.filter(({ required }) => !required),
    },
  ].filter(({ some }) => some.length > 0);

const counter = (some: readonly DomainRecord[]): string =>
  `(${some.filter(isRight).length}/${some.length})`;

/** A hint that several records have is about the domain, and is said once. */
function commonHint(records: readonly DomainRecord[]): string | undefined {
  const hints = records.flatMap(({ hint }) => hint ?? []);
  return hints.find((hint) => hints.filter((other) => other === hint).length >= SEVERAL);
}

const SEVERAL = 4;

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
