import Table from '@cloudscape-design/components/table';
import { memo, type ReactNode } from 'react';
import type { DomainInShort } from '../api/client.ts';
import { useDomainColumns } from './domain-columns.tsx';

/**
 * A page of the domains. What it shows may come a moment after the fields above it, so that typing
 * does not wait for its many cells.
 */
export const DomainTable = memo(function DomainTable({
  shown,
  selected,
  loading,
  empty,
  onSelect,
}: {
  readonly shown: readonly DomainInShort[];
  /** Those of `shown` that are selected. */
  readonly selected: readonly DomainInShort[];
  readonly loading: boolean;
  readonly empty: ReactNode;
  readonly onSelect: (shown: readonly DomainInShort[], selected: readonly DomainInShort[]) => void;
}) {
  return (
    <Table
      variant="borderless"
      items={shown}
      trackBy="name"
      loading={loading}
      loadingText="Loading the domains"
      wrapLines
      columnDefinitions={useDomainColumns()}
      selectionType="multi"
      selectedItems={selected}
      onSelectionChange={({ detail }) => onSelect(shown, detail.selectedItems)}
      ariaLabels={{
        tableLabel: 'Domains',
        selectionGroupLabel: 'Select domains',
        allItemsSelectionLabel: () => 'Select all domains of this page',
        itemSelectionLabel: (_, { name }) => `Select ${name}`,
      }}
      empty={empty}
    />
  );
});
