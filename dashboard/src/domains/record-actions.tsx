import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Domain, RecordFormat } from '../api/client.ts';
import { useCheckNow } from '../api/queries/change-domain.ts';
import { useExport } from '../api/queries/records.ts';
import { download } from '../ui/download.ts';
import { useNotify, type Notice } from '../ui/notify.ts';
import { DomainConnect } from './domain-connect.tsx';
import { number } from './figures.ts';
import { ShareRecords } from './share-records.tsx';
import { isRight } from './status.tsx';

const files: Record<RecordFormat, { text: string; extension: string; type: string }> = {
  bind: { text: 'Zone file (BIND)', extension: 'zone', type: 'text/dns' },
  cloudflare: { text: 'Cloudflare import', extension: 'cloudflare.txt', type: 'text/plain' },
  route53: { text: 'Route 53 change batch', extension: 'route53.json', type: 'application/json' },
  terraform: { text: 'Terraform', extension: 'tf', type: 'text/plain' },
  csv: { text: 'CSV', extension: 'csv', type: 'text/csv' },
  json: { text: 'JSON', extension: 'json', type: 'application/json' },
};

/** Offers to check now, to download the records as a file, or to send them to somebody. */
export function RecordActions({ domain }: { readonly domain: Domain }) {
  const [sharing, setSharing] = useState(false);
  const check = useCheckNow(domain.name);
  const file = useExport(domain.name);
  const notify = useNotify();
  const onError = ({ message }: Error): void => notify({ type: 'error', content: message });
  const take = (format: RecordFormat): void => {
    const { extension, type } = files[format];
    file.mutate(format, {
      onError,
      onSuccess: (text) => download(`${domain.name}.${extension}`, text, type),
    });
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <DomainConnect domain={domain} />
      <Button
        iconName="refresh"
        loading={check.isPending}
        disabled={domain.lifecycle === 'deleting'}
        onClick={() =>
          check.mutate(undefined, { onError, onSuccess: (checked) => notify(foundBy(checked)) })
        }
      >
        Check now
      </Button>
      <Button iconName="share" onClick={() => setSharing(true)}>
        Share
      </Button>
      <ButtonDropdown
        loading={file.isPending}
        items={Object.entries(files).map(([id, { text }]) => ({ id, text }))}
        onItemClick={({ detail }) => take(detail.id as RecordFormat)}
      >
        Export
      </ButtonDropdown>
      {sharing && <ShareRecords name={domain.name} onClose={() => setSharing(false)} />}
    </SpaceBetween>
  );
}

/** What a check found, in a sentence. */
function foundBy({ records }: Domain): Notice {
  const wrong = records.filter((record) => !isRight(record));
  const count = number.format(records.length);
  if (wrong.length === 0)
    return { type: 'success', content: `Checked now: all ${count} records are right.` };
  const names = [...new Set(wrong.map(({ name }) => name))].join(', ');
  const right = number.format(records.length - wrong.length);
  return {
    type: 'info',
    content: `Checked now: ${right} of ${count} records are right. Not right or not found: ${names}.`,
  };
}
