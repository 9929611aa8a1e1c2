import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useChangeShareLink, useShareLink, useShareLinks } from '../api/queries/records.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';

/** Makes a link to the records for somebody who manages the DNS and has no account here. */
export function ShareRecords({
  name,
  onClose,
}: {
  readonly name: string;
  readonly onClose: () => void;
}) {
  const share = useShareLink(name);
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={`Share the records of ${name}`}
      footer={
        <Box float="right">
          {share.data === undefined ? (
            <Button variant="primary" loading={share.isPending} onClick={() => share.mutate()}>
              Make a link
            </Button>
          ) : (
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          )}
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>
          The link shows these records and their status to whoever has it. It shows nothing else and
          needs no account.
        </Box>
        {share.error !== null && <Problem header="No link was made" error={share.error} />}
        {share.data !== undefined && (
          <SpaceBetween size="xxs">
            <span className="dns-text">
              <CopyToClipboard
                variant="inline"
                textToCopy={share.data.url}
                copyButtonAriaLabel="Copy the link"
                copySuccessText="Copied"
                copyErrorText="Could not copy; select the text and copy it by hand"
              />
            </span>
            <Box variant="small">
              It works until <Time at={share.data.expiresAt} />.
            </Box>
          </SpaceBetween>
        )}
        <OpenLinks name={name} />
      </SpaceBetween>
    </Modal>
  );
}

/** The links that were made before and still open; their addresses are not kept. */
function OpenLinks({ name }: { readonly name: string }) {
  const { data, error } = useShareLinks(name);
  const change = useChangeShareLink(name);
  if (error !== null) return <Problem header="The links cannot be listed" error={error} />;
  if (data === undefined || data.links.length === 0) return null;
  return (
    <SpaceBetween size="xs">
      <Box variant="h4">Links that open</Box>
      {change.error !== null && <Problem header="Nothing changed" error={change.error} />}
      {data.links.map(({ id, createdAt, expiresAt }, index) => (
        <SpaceBetween key={id} direction="horizontal" size="xs" alignItems="center">
          <span>
            Made {createdAt === null ? 'by an earlier release' : <Time at={createdAt} />}, works
            until <Time at={expiresAt} />
          </span>
          <Button
            ariaLabel={`Renew link ${index + 1}`}
            disabled={change.isPending}
            onClick={() => change.mutate({ link: id, change: 'renew' })}
          >
            Renew
          </Button>
          <Button
            ariaLabel={`Revoke link ${index + 1}`}
            disabled={change.isPending}
            onClick={() => change.mutate({ link: id, change: 'revoke' })}
          >
            Revoke
          </Button>
        </SpaceBetween>
      ))}
    </SpaceBetween>
  );
}
