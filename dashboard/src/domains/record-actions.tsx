import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';
import { useCheckNow, useZoneFile } from '../api/queries.ts';
import { download } from '../ui/download.ts';
import { useNotify } from '../ui/notify.ts';

/** Look now, and take the records away as a file. */
export function RecordActions({ domain }: { readonly domain: Domain }) {
  const check = useCheckNow(domain.name);
  const zoneFile = useZoneFile(domain.name);
  const notify = useNotify();
  const onError = ({ message }: Error): void => notify({ type: 'error', content: message });
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button
        iconName="refresh"
        loading={check.isPending}
        disabled={domain.lifecycle === 'deleting'}
        onClick={() => check.mutate(undefined, { onError })}
      >
        Check now
      </Button>
      <ButtonDropdown
        loading={zoneFile.isPending}
        items={[{ id: 'bind', text: 'Zone file (BIND)', iconName: 'download' }]}
        onItemClick={() =>
          zoneFile.mutate(undefined, {
            onError,
            onSuccess: (text) => download(`${domain.name}.zone`, text, 'text/dns'),
          })
        }
      >
        Export
      </ButtonDropdown>
    </SpaceBetween>
  );
}
