import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Domain } from '../api/client.ts';
import { useChangeDomain } from '../api/queries/change-domain.ts';
import { Code } from '../ui/code.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import {
  dispositions,
  effects,
  names,
  strictness,
  type Disposition,
  type Dmarc,
} from './disposition.ts';

/** The policy in effect, and the change of it. */
export function DmarcView({ domain }: { readonly domain: Domain }) {
  const { dmarc, lifecycle, records } = domain;
  const [changing, setChanging] = useState(false);
  const own = records.find(({ purpose }) => purpose === 'dmarc')?.policy;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            dmarc !== null &&
            lifecycle === 'live' && (
              <Button onClick={() => setChanging(true)}>Change the policy</Button>
            )
          }
        >
          DMARC
        </Header>
      }
    >
      <SpaceBetween size="m">
        {dmarc === null ? (
          <Box>
            DNS has not answered yet which policy is in effect for the domain today. The first check
            that finds it sets the same one here.
          </Box>
        ) : (
          <Policy dmarc={dmarc} />
        )}
        {own !== undefined && dmarc !== null && <OwnPolicy domain={domain} own={own} />}
      </SpaceBetween>
      {changing && dmarc !== null && (
        <ChangePolicy name={domain.name} dmarc={dmarc} onClose={() => setChanging(false)} />
      )}
    </Container>
  );
}

function Policy({ dmarc: { p, sp, rua, record, start } }: { readonly dmarc: Dmarc }) {
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: 'Policy', value: `${names[p]}: ${lower(effects[p])}` },
        { label: 'Policy of subdomains', value: names[sp ?? p] },
        {
          label: 'Your own report addresses',
          value: <span className="dns-text">{rua?.join(', ') || '–'}</span>,
        },
        { label: 'Record', value: <Code>{record}</Code> },
        ...(start === null ? [] : [{ label: 'At the start', value: start }]),
      ]}
    />
  );
}

/** Shows a DMARC record of the customer's own that is in DNS instead of the hosted one. */
function OwnPolicy({
  domain,
  own,
}: {
  readonly domain: Domain;
  readonly own: NonNullable<Domain['records'][number]['policy']>;
}) {
  const change = useChangeDomain(domain.name);
  const notify = useNotify();
  const { psd: _, ...policy } = own;
  return (
    <Alert
      type="info"
      header="Your own DMARC record is the one in effect"
      action={
        <Button
          loading={change.isPending}
          onClick={() =>
            change.mutate(
              { dmarc: policy },
              {
                onSuccess: () =>
                  notify({
                    type: 'success',
                    content: 'Taken over. Replace your record by the CNAME to have it hosted here.',
                  }),
                onError: ({ message }) => notify({ type: 'error', content: message }),
              },
            )
          }
        >
          Take it over
        </Button>
      }
    >
      It asks for “{names[own.p]}”. Take its policy over first, and no receiver is stricter when you
      replace it by our CNAME.
    </Alert>
  );
}

function ChangePolicy({
  name,
  dmarc: { p: current, sp },
  onClose,
}: {
  readonly name: string;
  readonly dmarc: Dmarc;
  readonly onClose: () => void;
}) {
  const [chosen, setChosen] = useState<Disposition>(current);
  const change = useChangeDomain(name);
  // As the API does it: a stricter policy of the subdomains stays, a milder one goes.
  const ofSubdomains = sp !== undefined && strictness(sp) > strictness(chosen) ? sp : null;
  const notify = useNotify();
  const submit = (): void =>
    change.mutate(
      { dmarc: { p: chosen } },
      {
        onSuccess: () => {
          notify({ type: 'success', content: `The DMARC policy is now “${names[chosen]}”.` });
          onClose();
        },
      },
    );
  return (
    <Dialog
      header="Change the DMARC policy"
      confirm="Change it"
      disabled={chosen === current}
      loading={change.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <FormField
        label={`What receivers do with mail of ${name} that fails`}
        description={
          ofSubdomains === null
            ? 'It holds for subdomains too.'
            : `Subdomains keep their stricter policy, “${names[ofSubdomains]}”.`
        }
        errorText={change.error?.message}
        stretch
      >
        <RadioGroup
          value={chosen}
          onChange={({ detail }) => setChosen(detail.value as Disposition)}
          items={dispositions.map((each) => ({
            value: each,
            label: each === current ? `${names[each]} (now)` : names[each],
            description: effects[each],
          }))}
        />
      </FormField>
      <Consequence from={current} to={chosen} />
    </Dialog>
  );
}

/** Shows the change's effect on the mail of the domain. */
function Consequence({ from, to }: { readonly from: Disposition; readonly to: Disposition }) {
  const step = strictness(to) - strictness(from);
  if (step === 0) return null;
  if (step < 0) {
    return (
      <Alert type="warning">
        Mail that pretends to be from you is treated more mildly than today.
      </Alert>
    );
  }
  return (
    <Alert type="warning">
      Mail from senders that neither sign for this domain nor are in its SPF record is{' '}
      {to === 'reject' ? 'refused' : 'put to spam'} from then on
      {step > 1 ? ', in one step. Quarantine first shows what would be hit' : ''}. Records that
      receivers keep for an hour follow with that delay.
    </Alert>
  );
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
