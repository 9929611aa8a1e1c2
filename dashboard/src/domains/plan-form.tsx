import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useChangeDomain } from '../api/queries/change-domain.ts';
import { daysFromNow } from '../ui/days-from-now.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { names, type Disposition, type Dmarc } from './disposition.ts';

/** From when on steps are taken: days from now. */
const starts = [
  { value: '0', label: 'Now' },
  { value: '7', label: 'In a week' },
  { value: '28', label: 'In four weeks' },
] as const;
const AS_IT_IS = { value: '', label: 'As it is' };

/** Begins a plan, or changes the one there is. */
export function PlanForm({
  name,
  dmarc: { plan },
  onClose,
}: {
  readonly name: string;
  readonly dmarc: Dmarc;
  readonly onClose: () => void;
}) {
  const [ceiling, setCeiling] = useState<Disposition>(plan?.ceiling ?? 'quarantine');
  const [rejects, setRejects] = useState(typeof plan?.consent.reject === 'string');
  const [goesBack, setGoesBack] = useState(typeof plan?.consent.none === 'string');
  const [start, setStart] = useState(plan === null ? '0' : '');
  const [tried, setTried] = useState(false);
  const change = useChangeDomain(name);
  const notify = useNotify();
  const options = plan === null ? starts : [AS_IT_IS, ...starts];
  const unagreed = ceiling === 'reject' && !rejects;
  const submit = (): void => {
    setTried(true);
    if (unagreed) return;
    change.mutate(
      {
        dmarc: {
          plan: {
            ceiling,
            consent: { reject: rejects, none: goesBack },
            ...(start === '' ? {} : { startsAt: daysFromNow(Number(start)) }),
          },
        },
      },
      {
        onSuccess: () => {
          notify({ type: 'success', content: `The plan goes up to “${names[ceiling]}”.` });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      header={plan === null ? 'Begin a plan' : 'Change the plan'}
      confirm={plan === null ? 'Begin it' : 'Change it'}
      loading={change.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <FormField label={`How far the policy of ${name} may go`} stretch>
        <RadioGroup
          value={ceiling}
          onChange={({ detail }) => setCeiling(detail.value as Disposition)}
          items={[
            { value: 'none', label: 'Nowhere for now', description: 'The plan only watches.' },
            {
              value: 'quarantine',
              label: names.quarantine,
              description: 'Mail that fails goes to spam, in the end.',
            },
            {
              value: 'reject',
              label: names.reject,
              description: 'Mail that fails is not taken, in the end. It needs your consent.',
            },
          ]}
        />
      </FormField>
      <FormField
        label="Consent"
        errorText={
          tried && unagreed ? 'Going up to “Reject” needs your consent; tick it, too.' : undefined
        }
      >
        <Checkbox checked={rejects} onChange={({ detail }) => setRejects(detail.checked)}>
          I agree to “Reject”: mail that fails is lost
        </Checkbox>
        <Checkbox
          checked={goesBack}
          onChange={({ detail }) => setGoesBack(detail.checked)}
          description="Without it the plan goes back to “Quarantine” at most, and holds there."
        >
          Where my own mail begins to fail, the policy may go back to “None”
        </Checkbox>
      </FormField>
      <FormField label="No step before">
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === start) ?? null}
          onChange={({ detail }) => setStart(detail.selectedOption.value ?? '')}
        />
      </FormField>
      {change.error !== null && <Alert type="error">{change.error.message}</Alert>}
    </Dialog>
  );
}
