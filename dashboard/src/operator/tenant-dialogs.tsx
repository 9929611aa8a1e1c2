import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { Tenant } from '../api/client.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { useResumeTenant, useSuspendTenant } from './queries.ts';

interface Props {
  readonly tenant: Tenant;
  readonly onClose: () => void;
}

/** Asks why a tenant is suspended, and suspends it. */
export function SuspendTenant({ tenant: { id, name }, onClose }: Props) {
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const suspend = useSuspendTenant();
  const notify = useNotify();
  const missing = reason.trim() === '' ? 'Say why, for whoever asks later.' : undefined;
  return (
    <Dialog
      header="Suspend the tenant?"
      confirm="Suspend"
      loading={suspend.isPending}
      onConfirm={() => {
        setTried(true);
        if (missing !== undefined) return;
        suspend.mutate(
          { id, reason: reason.trim() },
          {
            onSuccess: () => {
              notify({ type: 'success', content: `${name} is suspended.` });
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <Box>
        Within a second nothing of <span className="dns-text">{name}</span> is signed. Its mail that
        waits is held, and its keys and users may only read.
      </Box>
      <FormField label="Reason" errorText={tried ? missing : undefined}>
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
      {suspend.error !== null && <Problem header="It is not suspended" error={suspend.error} />}
    </Dialog>
  );
}

/** Makes a tenant active again, with the mail that was held or without. */
export function ResumeTenant({ tenant: { id, name }, onClose }: Props) {
  const [refuseHeld, setRefuseHeld] = useState(false);
  const resume = useResumeTenant();
  const notify = useNotify();
  return (
    <Dialog
      header="Resume the tenant?"
      confirm="Resume"
      loading={resume.isPending}
      onConfirm={() =>
        resume.mutate(
          { id, refuseHeld },
          {
            onSuccess: () => {
              notify({ type: 'success', content: `${name} is active again.` });
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <Box>
        <span className="dns-text">{name}</span> may send again, and mail that was held is sent.
      </Box>
      <Checkbox checked={refuseHeld} onChange={({ detail }) => setRefuseHeld(detail.checked)}>
        Refuse the mail that was held instead
      </Checkbox>
      {resume.error !== null && <Problem header="It is not resumed" error={resume.error} />}
    </Dialog>
  );
}
