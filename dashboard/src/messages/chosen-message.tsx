import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { MessageStatus } from './message-status.tsx';

/** Shows the mail that the address names, or else a list of mails. */
export function ChosenMessage({ children }: { readonly children: ReactNode }) {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get('message');
  if (chosen === null) return children;
  const back = (): void => {
    const list = new URLSearchParams(search);
    list.delete('message');
    setSearch(list);
  };
  return (
    <SpaceBetween size="l">
      <Button iconName="arrow-left" onClick={back}>
        All messages
      </Button>
      <MessageStatus id={chosen} />
    </SpaceBetween>
  );
}
