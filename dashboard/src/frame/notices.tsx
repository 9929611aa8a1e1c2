import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Notice } from '../ui/notify.ts';
import { announce } from './announce.tsx';

type Shown = Notice & { readonly id: number };

/** Notices that are shown at a time; older ones go. */
const MOST = 4;

/** Notices above the page; each stays until it is dismissed or the same comes again. */
export function useNotices() {
  const [items, setItems] = useState<readonly Shown[]>([]);
  const count = useRef(0);
  const dismiss = useCallback(
    (id: number) => setItems((shown) => shown.filter((item) => item.id !== id)),
    [],
  );
  const notify = useCallback((notice: Notice) => {
    count.current += 1;
    const id = count.current;
    announce(notice.content);
    setItems((shown) =>
      [{ id, ...notice }, ...shown.filter(({ content }) => content !== notice.content)].slice(
        0,
        MOST,
      ),
    );
  }, []);
  return useMemo(() => ({ items, notify, dismiss }), [items, notify, dismiss]);
}

export function Notices({
  items,
  onDismiss,
}: {
  readonly items: readonly Shown[];
  readonly onDismiss: (id: number) => void;
}) {
  return (
    <div className="frame-notices">
      {items.length > 0 && (
        <SpaceBetween size="xs">
          {items.map(({ id, type, content }) => (
            <Alert
              key={id}
              type={type}
              dismissible
              dismissAriaLabel="Dismiss"
              onDismiss={() => onDismiss(id)}
            >
              {content}
            </Alert>
          ))}
        </SpaceBetween>
      )}
    </div>
  );
}
