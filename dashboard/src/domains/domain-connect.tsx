import Button from '@cloudscape-design/components/button';
import { useEffect } from 'react';
import { useSearchParams } from 'wouter';
import type { Domain } from '../api/client.ts';
import { useCheckNow } from '../api/queries/change-domain.ts';
import { isSettled } from '../api/queries/domain.ts';
import { useDomainConnect } from '../api/queries/records.ts';
import { useNotify } from '../ui/notify.ts';

/**
 * Has the DNS provider of a domain create its records, where it can: a link to the provider, which
 * opens beside this page, since not every provider sends its customers back.
 */
export function DomainConnect({ domain }: { readonly domain: Domain }) {
  const { data } = useDomainConnect(domain);
  useReturn(domain);
  const url = data?.applyUrl ?? null;
  if (url === null || isSettled(domain)) return null;
  return (
    <Button
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      iconName="external"
      iconAlign="right"
      onClick={() => localStorage.setItem(keyOf(domain), stateOf(url))}
    >
      Create them at {data?.provider}
    </Button>
  );
}

const keyOf = ({ name }: Domain): string => `domain-connect:${name}`;
const stateOf = (url: string): string => new URL(url).searchParams.get('state') ?? '';

/**
 * Checks the records when the user comes back from the provider. It requires the state of a link
 * that was followed here: no other site can trigger the check. The provider's own word proves
 * nothing.
 */
function useReturn(domain: Domain): void {
  const [search, setSearch] = useSearchParams();
  const check = useCheckNow(domain.name);
  const notify = useNotify();
  const state = search.get('state');
  const failed = search.has('error');
  useEffect(() => {
    const key = keyOf(domain);
    if (state === null || state === '' || localStorage.getItem(key) !== state) return;
    localStorage.removeItem(key);
    setSearch({}, { replace: true });
    notify(
      failed
        ? { type: 'warning', content: 'Your DNS provider says that it did not create the records.' }
        : { type: 'info', content: 'Looking for the records; some providers take a few minutes.' },
    );
    check.mutate(undefined, {
      onError: ({ message }) => notify({ type: 'error', content: message }),
    });
  }, [domain, state, failed, setSearch, notify, check]);
}
