import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';

interface GrowingList {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

/** Below a list, newest first: what is older than all that is shown. */
export function Older({
  list,
  text = 'Show older',
}: {
  readonly list: GrowingList;
  readonly text?: string;
}) {
  if (!list.hasNextPage) return null;
  return (
    <Box textAlign="center">
      <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {text}
      </Button>
    </Box>
  );
}

/** Queries new entries. A list that is read does not move by itself. */
export function Refresh({ list, of }: { readonly list: GrowingList; readonly of: string }) {
  return (
    <Button
      iconName="refresh"
      ariaLabel={`Refresh ${of}`}
      loading={list.isFetching && !list.isFetchingNextPage}
      onClick={() => void list.refetch()}
    />
  );
}
