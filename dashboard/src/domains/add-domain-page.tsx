import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Wizard from '@cloudscape-design/components/wizard';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError, type Domain, idempotencyKey } from '../api/client.ts';
import { useClaimDomain, type ClaimRequest } from '../api/queries/change-domain.ts';
import { useDomain } from '../api/queries/domain.ts';
import { useTitle } from '../frame/announce.tsx';
import { TestMail } from '../messages/test-mail.tsx';
import { paths } from '../paths.ts';
import { useDraft } from '../ui/draft.ts';
import { Problem } from '../ui/problem.tsx';
import { Progress } from './progress.tsx';
import { RecordActions } from './record-actions.tsx';
import { RecordsView } from './records-view.tsx';
import { isRight } from './status.tsx';

const steps = ['name', 'records', 'test'] as const;
type Step = (typeof steps)[number];

interface Props {
  /** Absent before it is claimed. */
  readonly name?: string;
  readonly step?: Step;
}

/** Leads from a domain's name to its first signed mail. The address has the present step. */
export default function AddDomainPage({ name, step = 'name' }: Props) {
  useTitle(name === undefined ? 'Add a domain' : `Set up ${name}`);
  const [, navigate] = useLocation();
  const [typed, setTyped] = useDraft('domain', name ?? '');
  const claim = useClaimDomain();
  const [hosting, setHosting] = useDraft('hosting', 'service');
  const self = hosting === 'self';
  const [purpose, setPurpose] = useDraft('purpose', 'sending');
  const parked = purpose === 'parked';
  const request = useRef<ClaimRequest>({ name: '', key: '' });

  const claimTyped = async (): Promise<void> => {
    const wanted = typed.trim();
    const last = request.current;
    const isOther = (last.hosting === 'self') !== self || (last.purpose === 'parked') !== parked;
    if (last.name !== wanted || isOther) {
      // A domain restored from deletion keeps its hosting where nothing else is asked for.
      request.current = {
        name: wanted,
        key: idempotencyKey(),
        ...(self && { hosting: 'self' }),
        ...(parked && { purpose: 'parked' }),
      };
    }
    try {
      const claimed = await claim.mutateAsync(request.current);
      setTyped('');
      setHosting('service');
      setPurpose('sending');
      navigate(paths.setUp(claimed.name));
    } catch (error) {
      // The customer's own domain is shown rather than refused; other refusals appear below the
      // field.
      const has = error instanceof ApiError && error.code === 'domain-already-claimed';
      if (has) navigate(paths.setUp(wanted.toLowerCase().replace(/\.$/, '')));
    }
  };
  const go = (to: Step): void => {
    if (name === undefined || to === 'name') return;
    navigate(to === 'records' ? paths.setUp(name) : paths.test(name));
  };

  return (
    <Wizard
      i18nStrings={{
        stepNumberLabel: (number) => `Step ${number}`,
        collapsedStepsLabel: (number, count) => `Step ${number} of ${count}`,
        navigationAriaLabel: 'Steps',
        cancelButton: name === undefined ? 'Cancel' : 'Finish later',
        previousButton: 'Back',
        nextButton: 'Next',
        submitButton: 'Done',
        optional: 'optional',
      }}
      activeStepIndex={steps.indexOf(step)}
      isLoadingNextStep={claim.isPending}
      onCancel={() => navigate(paths.domains)}
      onSubmit={() => navigate(name === undefined ? paths.domains : paths.domain(name))}
      onNavigate={({ detail }) => {
        const to = steps[detail.requestedStepIndex] as Step;
        if (step === 'name' && name === undefined) void claimTyped();
        else if (to === 'name') navigate(paths.addDomain);
        else go(to);
      }}
      steps={[
        {
          title: 'Name the domain',
          description: 'The part after the @ in the From address of your mail.',
          content: (
            <NameStep
              typed={typed}
              onType={setTyped}
              onEnter={() => void claimTyped()}
              self={self}
              onSelf={(chosen) => {
                setHosting(chosen ? 'self' : 'service');
                if (chosen) setPurpose('sending');
              }}
              parked={parked}
              onParked={(chosen) => {
                setPurpose(chosen ? 'parked' : 'sending');
                if (chosen) setHosting('service');
              }}
              error={claim.error}
            />
          ),
        },
        {
          title: 'Create its DNS records',
          description:
            'Create these records where the DNS of the domain is managed. This page checks them by itself, and you can leave it and come back.',
          content: name === undefined ? null : <RecordsStep name={name} />,
        },
        {
          title: 'Send a test mail',
          isOptional: true,
          content: name === undefined ? null : <TestStep name={name} />,
        },
      ]}
    />
  );
}

function NameStep({
  typed,
  onType,
  onEnter,
  self,
  onSelf,
  parked,
  onParked,
  error,
}: {
  readonly typed: string;
  readonly onType: (name: string) => void;
  readonly onEnter: () => void;
  /** True if the domain is to host its keys itself. */
  readonly self: boolean;
  readonly onSelf: (self: boolean) => void;
  /** True if the domain sends no mail. */
  readonly parked: boolean;
  readonly onParked: (parked: boolean) => void;
  readonly error: Error | null;
}) {
  return (
    <Container>
      <FormField
        label="Domain"
        description="For mail from ann@example.com it is example.com."
        errorText={error?.message}
      >
        <Input
          value={typed}
          onChange={({ detail }) => onType(detail.value)}
          onKeyDown={({ detail }) => {
            if (detail.key === 'Enter') onEnter();
          }}
          placeholder="example.com"
          inputMode="url"
          autoComplete={false}
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <Box margin={{ top: 'm' }}>
        <Checkbox
          checked={self}
          onChange={({ detail }) => onSelf(detail.checked)}
          description="Its keys and DMARC policy are then TXT values to copy, and you are asked to change one about once a month."
        >
          I can’t or won’t create CNAME records
        </Checkbox>
      </Box>
      <Box margin={{ top: 'm' }}>
        <Checkbox
          checked={parked}
          onChange={({ detail }) => onParked(detail.checked)}
          description="Receivers are asked to reject all mail from it. This cannot be changed later."
        >
          This domain sends no mail
        </Checkbox>
      </Box>
    </Container>
  );
}

function RecordsStep({ name }: { readonly name: string }) {
  const { data: domain, error, refetch } = useDomain(name);
  const [dismissed, setDismissed] = useState(false);
  if (domain === undefined) {
    return error === null ? (
      <Spinner size="large" />
    ) : (
      <Problem header={`${name} cannot be shown`} error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem header="The records cannot be looked at just now" error={error} />
      )}
      <Progress domain={domain} />
      {isReady(domain) && !dismissed && (
        <Alert
          type="success"
          dismissible
          onDismiss={() => setDismissed(true)}
          header={`${domain.name} is ready`}
        >
          Its mail can be signed and sent from now on. Send a test mail in the next step.
        </Alert>
      )}
      <RecordsView
        domain={domain}
        title={
          <>
            Records of <span className="dns-text">{domain.name}</span>
          </>
        }
        actions={<RecordActions domain={domain} />}
      />
    </SpaceBetween>
  );
}

/** Returns true if nothing that sending waits for is left to do. */
const isReady = ({ status, sending, records }: Domain): boolean =>
  status === 'verified' &&
  sending === 'ready' &&
  records.every((record) => !record.required || isRight(record));

function TestStep({ name }: { readonly name: string }) {
  const { data: domain } = useDomain(name);
  if (domain === undefined) return <Spinner size="large" />;
  if (domain.purpose === 'parked') {
    return (
      <Container>
        <Box>{domain.name} is parked: nothing is sent from it.</Box>
      </Container>
    );
  }
  if (domain.status === 'pending') {
    return (
      <Container>
        <Box>
          {domain.name} is not verified yet. Create its records first; a mail can be sent as soon as
          they are found.
        </Box>
      </Container>
    );
  }
  return <TestMail domain={domain.name} />;
}
