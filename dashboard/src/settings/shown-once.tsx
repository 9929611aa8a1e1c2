import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';

/** Shows a new secret, which cannot be shown again. */
export function ShownOnce({
  header,
  warning,
  copyLabel,
  secret,
  onClose,
}: {
  readonly header: string;
  readonly warning: string;
  readonly copyLabel: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={header}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            I have kept it
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">{warning}</Alert>
        <span className="dns-text">
          <CopyToClipboard
            variant="inline"
            textToCopy={secret}
            copyButtonAriaLabel={copyLabel}
            copySuccessText="Copied"
            copyErrorText="Could not copy; select the text and copy it by hand"
          />
        </span>
      </SpaceBetween>
    </Modal>
  );
}
