import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';
import { Time } from '../ui/time.tsx';
import { Copy } from './record-value.tsx';

type Prepared = Domain['dkim']['prepared'][number];

/** Lists the records to change by a customer who hosts their own keys, each with its new value. */
export function PreparedKeys({ prepared }: { readonly prepared: Domain['dkim']['prepared'] }) {
  return (
    <SpaceBetween size="s">
      {prepared.map((record) => (
        <Alert
          key={record.selector}
          type={record.reason === 'compromise' ? 'error' : 'info'}
          header={
            record.reason === 'compromise'
              ? 'Replace a compromised key in your DNS now'
              : 'A new key is ready for your DNS'
          }
        >
          <SpaceBetween size="xs">
            <Wanted record={record} />
            <Copy what={`host of the prepared key ${record.selector}`} text={record.name} />
            <Copy what={`value of the prepared key ${record.selector}`} text={record.value} />
          </SpaceBetween>
        </Alert>
      ))}
    </SpaceBetween>
  );
}

function Wanted({ record: { reason, by } }: { readonly record: Prepared }) {
  if (reason === 'compromise') {
    return (
      <span>
        Whoever has the old key can sign as your domain for as long as this TXT record shows it.
        Change the record to:
      </span>
    );
  }
  return (
    <span>
      Change this TXT record, best before <Time at={by} date />. Until your DNS shows it nothing
      changes, and the present key goes on signing.
    </span>
  );
}
