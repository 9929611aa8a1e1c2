import type { Domain, DomainRecord } from '../api/client.ts';
import { enteredName, type NameForm } from './record-form.ts';
import { Changes, Copy, Found, Value } from './record-value.tsx';
import { RecordStatus } from './record-status.tsx';
import { SpfTree } from './spf-tree.tsx';

/**
 * Records as a table whose cells go below each other where there is no room beside: status, type,
 * host and value, and below them, over the full width, what to do.
 */
export function RecordList({
  title,
  domain,
  records,
  form,
  common,
}: {
  readonly title: string;
  readonly domain: Domain;
  readonly records: readonly DomainRecord[];
  readonly form: NameForm;
  /** A hint that is shown above all of them. */
  readonly common: string | undefined;
}) {
  return (
    // The roles are given, since browsers take those of table elements that are no table on screen.
    <div role="table" aria-label={`${title} records`} className="records">
      <div role="rowgroup" className="records-head">
        <div role="row" className="record">
          <span role="columnheader">Status</span>
          <span role="columnheader">Type</span>
          <span role="columnheader">Host</span>
          <span role="columnheader">Value</span>
          <span role="columnheader" className="frame-aloud">
            What to do
          </span>
        </div>
      </div>
      <div role="rowgroup">
        {records.map((record) => (
          <div role="row" key={record.id} className="record">
            <div role="cell" data-label="Status">
              <RecordStatus record={record} domain={domain} />
            </div>
            <div role="cell" data-label="Type">
              {record.type}
            </div>
            <div role="rowheader" data-label="Host">
              <Copy what={`host of ${record.id}`} text={enteredName(record.name, form)} />
            </div>
            <div role="cell" data-label="Value">
              <Value record={record} />
            </div>
            <div role="cell" className="record-notes">
              <Notes record={record} common={common} />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

function Notes({
  record,
  common,
}: {
  readonly record: DomainRecord;
  readonly common: string | undefined;
}) {
  const { id, hint, why, spf } = record;
  return (
    <>
      {hint !== null && hint !== common && (
        <div className="dns-text record-hint" data-testid={`hint-${id}`}>
          {hint}
        </div>
      )}
      <Found record={record} />
      <Changes record={record} />
      {spf !== undefined && <SpfTree tree={spf} />}
      <div className="record-why">{why}</div>
    </>
  );
}
