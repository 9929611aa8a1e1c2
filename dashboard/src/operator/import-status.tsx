import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Import } from '../api/client.ts';

const indicators: Record<Import['status'], readonly [StatusIndicatorProps.Type, string]> = {
  running: ['in-progress', 'Running'],
  done: ['success', 'Done'],
  cancelled: ['stopped', 'Cancelled'],
};

/** How far an import is, by its rows. */
export function ImportStatus({ of: { status, rows, counts } }: { readonly of: Import }) {
  const [type, text] = indicators[status];
  if (status !== 'running') return <StatusIndicator type={type}>{text}</StatusIndicator>;
  return (
    <StatusIndicator type={type}>
      {text}: {rows - counts.waiting} of {rows}
    </StatusIndicator>
  );
}
