import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import { Problem } from './problem.tsx';

/** A table of what one query gives, with its header, and above it why it cannot be shown. */
export function ListTable<T extends { readonly id: string }>({
  query: { error, isPending, refetch },
  items,
  columns,
  title,
  level = 'h1',
  description,
  actions,
  filter,
  variant = 'container',
  cannotShow,
  loading,
  empty,
  size = 'l',
  children,
}: {
  readonly query: {
    readonly error: Error | null;
    readonly isPending: boolean;
    readonly refetch: () => unknown;
  };
  readonly items: readonly T[] | undefined;
  readonly columns: TableProps<T>['columnDefinitions'];
  readonly title: string;
  readonly level?: 'h1' | 'h2';
  readonly description: ReactNode;
  readonly actions?: ReactNode;
  readonly filter?: ReactNode;
  readonly variant?: 'container' | 'full-page';
  /** The header of the error. */
  readonly cannotShow: string;
  readonly loading: string;
  readonly empty: string;
  readonly size?: 'm' | 'l';
  /** The content below the table, dialogs among it. */
  readonly children?: ReactNode;
}) {
  return (
    <SpaceBetween size={size}>
      {error !== null && (
        <Problem header={cannotShow} error={error} onRetry={() => void refetch()} />
      )}
      <Table
        variant={variant}
        header={
          <Header variant={level} description={description} actions={actions}>
            {title}
          </Header>
        }
        filter={filter}
        items={items ?? []}
        trackBy="id"
        loading={isPending}
        loadingText={loading}
        wrapLines
        columnDefinitions={columns}
        empty={error === null && empty}
      />
      {children}
    </SpaceBetween>
  );
}
