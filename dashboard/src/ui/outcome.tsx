import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';

/** What became of something, with the reason below where there is one. */
export function Outcome({
  type,
  text,
  detail,
}: {
  readonly type: StatusIndicatorProps.Type;
  readonly text: string;
  readonly detail: string | null;
}) {
  return (
    <SpaceBetween size="xxxs">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {detail !== null && (
        <span className="dns-text">
          <Box variant="small">{detail}</Box>
        </span>
      )}
    </SpaceBetween>
  );
}
