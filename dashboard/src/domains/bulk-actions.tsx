import Box from '@cloudscape-design/components/box';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DomainInShort } from '../api/client.ts';
import { keys } from '../api/queries/keys.ts';
import { deleteDomain, requestCheck } from '../api/queries/bulk.ts';
import { useApi } from '../session/context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { download } from '../ui/download.ts';
import { useNotify } from '../ui/notify.ts';
import { csvOf } from './domains-csv.ts';
import { number } from './figures.ts';

/** Requests under way at a time. */
const AT_ONCE = 4;

/** Does the same with each selected domain. */
export function BulkActions({
  chosen,
  found,
  onChoose,
}: {
  readonly chosen: readonly DomainInShort[];
  /** All that the filters leave, on every page. */
  readonly found: readonly DomainInShort[];
  readonly onChoose: (domains: readonly DomainInShort[]) => void;
}) {
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const [deleting, setDeleting] = useState<readonly DomainInShort[]>();
  const [busy, setBusy] = useState(false);

  const eachOf = async (
    domains: readonly DomainInShort[],
    done: string,
    act: (name: string) => Promise<unknown>,
  ): Promise<void> => {
    setBusy(true);
    const failures = await failuresOf(domains, act);
    setBusy(false);
    void client.invalidateQueries({ queryKey: keys.domains });
    const count = number.format(domains.length - failures.length);
    if (failures.length < domains.length) notify({ type: 'success', content: `${done}: ${count}` });
    const [first] = failures;
    if (first !== undefined) {
      const rest = failures.length === 1 ? '' : ` And ${number.format(failures.length - 1)} more.`;
      notify({ type: 'error', content: `${first.name}: ${first.message}${rest}` });
    }
  };
  const take = (id: string): void => {
    if (id === 'all') onChoose(found);
    if (id === 'none') onChoose([]);
    if (id === 'check') void eachOf(chosen, 'Checks requested', (name) => requestCheck(api, name));
    if (id === 'export') download('domains.csv', csvOf(chosen), 'text/csv');
    if (id === 'delete') setDeleting(chosen);
  };
  const nothing = chosen.length === 0;
  return (
    <>
      <ButtonDropdown
        loading={busy}
        items={[
          { id: 'all', text: `Select all ${number.format(found.length)}` },
          { id: 'none', text: 'Select none', disabled: nothing },
          { id: 'check', text: 'Check DNS now', disabled: nothing },
          { id: 'export', text: 'Download as CSV', disabled: nothing },
          { id: 'delete', text: 'Delete', disabled: nothing },
        ]}
        onItemClick={({ detail }) => take(detail.id)}
      >
        {nothing ? 'Actions' : `Actions (${number.format(chosen.length)})`}
      </ButtonDropdown>
      {deleting !== undefined && (
        <Dialog
          header={`Delete ${number.format(deleting.length)} ${deleting.length === 1 ? 'domain' : 'domains'}`}
          confirm="Delete"
          loading={busy}
          onClose={() => setDeleting(undefined)}
          onConfirm={() =>
            void eachOf(deleting, 'Being deleted', (name) => deleteDomain(api, name)).then(() => {
              setDeleting(undefined);
              onChoose([]);
            })
          }
        >
          <Box>
            Nothing is sent for them from now on. What their records point at stays published for 7
            days, in which each deletion can be undone.
          </Box>
          <span className="dns-text">{namesOf(deleting)}</span>
        </Dialog>
      )}
    </>
  );
}

const NAMED = 10;

function namesOf(domains: readonly DomainInShort[]): string {
  const names = domains.slice(0, NAMED).map(({ name }) => name);
  const rest = domains.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${number.format(rest)} more`;
}

interface Failure {
  readonly name: string;
  readonly message: string;
}

async function failuresOf(
  domains: readonly DomainInShort[],
  act: (name: string) => Promise<unknown>,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const left = [...domains];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      try {
        await act(next.name);
      } catch (error) {
        failures.push({ name: next.name, message: (error as Error).message });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}
