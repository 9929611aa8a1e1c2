import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { Domain } from '../api/client.ts';
import { isRight } from './status.tsx';

/** Shows the number of correct records, and the pending step. */
export function Progress({ domain }: { readonly domain: Domain }) {
  const right = domain.records.filter(isRight).length;
  const count = domain.records.length;
  const parked = domain.purpose === 'parked';
  const done = right === count && (parked || domain.sending === 'ready');
  return (
    <ProgressBar
      value={count === 0 ? 0 : (100 * right) / count}
      label="Records that are right"
      description={waitingFor(domain)}
      additionalInfo={`${right} of ${count}`}
      status={done ? 'success' : 'in-progress'}
      resultText={parked ? 'All records are right' : 'All records are right, and mail can be sent'}
    />
  );
}

function waitingFor(domain: Domain): string {
  const missing = domain.records.filter((record) => record.required && !isRight(record)).length;
  if (missing > 0) {
    return `Waiting for ${missing} required ${missing === 1 ? 'record' : 'records'}. New records take minutes to show, with some providers an hour.`;
  }
  if (domain.purpose === 'parked') {
    return 'The required record is right. The records that are left are recommended.';
  }
  if (domain.sending !== 'ready') {
    return 'The required records are right. Sending is being prepared, which takes a few minutes.';
  }
  return 'Mail can be sent. The records that are left are recommended.';
}
