import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { DomainRecord } from '../api/client.ts';
import { differenceOf } from './difference.ts';
import { mxParts } from './record-form.ts';

/** A name or value with a button that copies it. */
export function Copy({ what, text }: { readonly what: string; readonly text: string }) {
  return (
    <span className="dns-text">
      <CopyToClipboard
        variant="inline"
        wrapText
        textToCopy={text}
        copyButtonAriaLabel={`Copy ${what}`}
        copySuccessText="Copied"
        copyErrorText="Could not copy; select the text and copy it by hand"
      />
    </span>
  );
}

/** The value to enter. */
export function Value({ record }: { readonly record: DomainRecord }) {
  if (record.value === '') {
    const why =
      record.status === 'preparing' ? 'Will be here in a moment' : 'Needs to be corrected by hand';
    return <Box color="text-status-inactive">{why}</Box>;
  }
  const mx = record.type === 'MX' ? mxParts(record.value) : undefined;
  if (mx === undefined) return <Copy what={`value of ${record.id}`} text={record.value} />;
  return (
    <SpaceBetween size="xxxs">
      <Copy what={`mail server of ${record.id}`} text={mx.server} />
      <Box variant="small">Priority {mx.priority}</Box>
    </SpaceBetween>
  );
}

/** What DNS has instead, one below the other, with the part that differs marked. */
export function Found({ record: { id, value, observed } }: { readonly record: DomainRecord }) {
  const others = observed.filter((each) => each !== value);
  if (others.length === 0) return null;
  return (
    <div className="dns-text" data-testid={`observed-${id}`}>
      {others.map((found) => {
        const { before, other, after } = differenceOf(found, value);
        return (
          <div key={found}>
            Found in DNS: “{before}
            {/* Where nothing is alike, a mark would say nothing. */}
            {before + after === '' ? other : <mark>{other}</mark>}
            {after}”
          </div>
        );
      })}
    </div>
  );
}

/**
 * Marks the terms in which the suggested text differs from the one that is found, with the text itself
 * where that is another record than the one to create.
 */
export function Changes({ record: { id, value, correction } }: { readonly record: DomainRecord }) {
  if (correction === undefined || correction.changes.length === 0) return null;
  return (
    <div className="dns-text" data-testid={`changes-${id}`}>
      {correction.value !== value && (
        <>
          <div>Or your own record, corrected:</div>
          <Copy what={`corrected text of ${id}`} text={correction.value} />
        </>
      )}
      <div>
        Changed:{' '}
        {correction.changes.map(({ kind, text, at }) => (
          <span key={`${kind} ${at}`}>
            {kind === 'added' ? <ins>{text}</ins> : <del>{text}</del>}{' '}
          </span>
        ))}
      </div>
    </div>
  );
}
