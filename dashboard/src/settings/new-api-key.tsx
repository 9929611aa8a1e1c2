import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { Scope } from '../api/client.ts';
import { useIssueApiKey } from '../api/queries/api-keys.ts';
import { useDraft } from '../ui/draft.ts';
import { Dialog } from '../ui/dialog.tsx';
import { KeyBindingFields, useKeyBinding } from './key-binding.tsx';
import { ShownOnce } from './shown-once.tsx';

const scopes: Record<Scope, string> = {
  'domains:read': 'Read domains, their records, reports and events, and check them',
  'domains:write': 'Add, change and delete domains',
  'messages:send': 'Send mail, and change the suppression list',
  'messages:read': 'Read what became of mail, and the suppression list',
  webhooks: 'Make and change webhooks, for what it may read',
  keys: 'Make and revoke API keys that may do no more than it',
  users: 'Invite and remove users of the dashboard',
  'audit:read': 'Read who changed what',
};

/** Makes a key and shows it, once. */
export function NewApiKey({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useDraft('new-api-key', '');
  const [chosen, setChosen] = useState<ReadonlySet<Scope>>(new Set(['messages:send'] as const));
  const [tried, setTried] = useState(false);
  const limits = useKeyBinding();
  const issue = useIssueApiKey();
  const nameProblem = name.trim() === '' ? 'Enter a name, such as the program’s.' : undefined;
  const scopeProblem = chosen.size === 0 ? 'Choose at least one.' : undefined;
  const submit = (): void => {
    setTried(true);
    const problems = [nameProblem, scopeProblem, limits.problem];
    if (problems.some((problem) => problem !== undefined)) return;
    issue.mutate(
      { name: name.trim(), scopes: [...chosen], ...limits.binding },
      {
        onSuccess: () => {
          setName('');
          limits.clear();
        },
      },
    );
  };
  if (issue.data !== undefined)
    return (
      <ShownOnce
        header="Your new API key"
        warning="Copy it now: it is not shown again."
        copyLabel="Copy the API key"
        secret={issue.data.key}
        onClose={onClose}
      />
    );
  return (
    <Dialog
      header="Make an API key"
      confirm="Make it"
      loading={issue.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <FormField
        label="Name"
        description="By which you know it again."
        errorText={(tried ? nameProblem : undefined) ?? issue.error?.message}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus />
      </FormField>
      <FormField label="What it may do" errorText={tried ? scopeProblem : undefined}>
        {(Object.keys(scopes) as Scope[]).map((scope) => (
          <Checkbox
            key={scope}
            checked={chosen.has(scope)}
            description={scopes[scope]}
            onChange={({ detail }) => {
              const next = new Set(chosen);
              if (detail.checked) next.add(scope);
              else next.delete(scope);
              setChosen(next);
            }}
          >
            {scope}
          </Checkbox>
        ))}
      </FormField>
      <KeyBindingFields of={limits} tried={tried} />
    </Dialog>
  );
}
