import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';

/** Shows what went wrong, and what to do. */
export function Problem({
  error,
  onRetry,
  header,
}: {
  readonly error: Error;
  readonly header: string;
  readonly onRetry?: () => void;
}) {
  return (
    <Alert
      type="error"
      header={header}
      action={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      {error.message}
    </Alert>
  );
}
