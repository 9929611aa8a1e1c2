import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../paths.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useDraft } from '../ui/draft.ts';
import { Problem } from '../ui/problem.tsx';
import { useStartImport } from './queries.ts';

const EXAMPLE = `externalId,domain,contact
customer-1,example.com,dns@example.com`;

/** Takes a list of domains, and goes to its import. */
export function StartImport({ onClose }: { readonly onClose: () => void }) {
  const [list, setList] = useDraft('import', '');
  const [dryRun, setDryRun] = useState(true);
  const [tried, setTried] = useState(false);
  const [, navigate] = useLocation();
  const start = useStartImport();
  const missing = list.trim() === '' ? 'Paste a list, with its header line.' : undefined;
  return (
    <Dialog
      header="Import domains"
      confirm={dryRun ? 'Try it' : 'Import'}
      loading={start.isPending}
      onConfirm={() => {
        setTried(true);
        if (missing !== undefined) return;
        start.mutate(
          { list, dryRun },
          {
            onSuccess: ({ id }) => {
              if (!dryRun) setList('');
              navigate(paths.import(id));
            },
          },
        );
      }}
      onClose={onClose}
    >
      <FormField
        label="List"
        description="CSV, a domain a line. The header line names the columns: externalId and domain, and, if wanted, name, contact, contactName and language."
        errorText={tried ? missing : undefined}
      >
        <Textarea
          value={list}
          onChange={({ detail }) => setList(detail.value)}
          placeholder={EXAMPLE}
          rows={8}
          spellcheck={false}
        />
      </FormField>
      <Checkbox checked={dryRun} onChange={({ detail }) => setDryRun(detail.checked)}>
        Only try: nothing is claimed, and each row says what a claim would meet
      </Checkbox>
      <Box variant="small">A tenant is made for each external id that you have none for.</Box>
      {start.error !== null && <Problem header="It is not imported" error={start.error} />}
    </Dialog>
  );
}
