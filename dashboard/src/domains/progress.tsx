import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { Domain } from '../api/client.ts';

/** Shows the number of correct records among those that sending waits for, and the pending step. */
export function Progress({ domain }: { readonly domain: Domain }) {
  const { right, total } = domain.progress.required;
  const parked = domain.purpose === 'parked';
  const done = right === total && (parked || domain.sending === 'ready');
  return (
    <ProgressBar
      value={total === 0 ? 0 : (100 * right) / total}
      label="Required records that are right"
      description={waitingFor(domain)}
      additionalInfo={`${right} of ${total}`}
      status={done ? 'success' : 'in-progress'}
      resultText={`${rightOf(domain)}${parked ? '' : ', and mail can be sent'}`}
    />
  );
}

/** What is done, once nothing that sending waits for is left. */
function rightOf({ progress: { recommended } }: Domain): string {
  return recommended.right === recommended.total
    ? 'All records are right'
    : 'All required records are right, some recommended ones are left';
}

function waitingFor(domain: Domain): string {
  const { required, recommended } = domain.progress;
  const missing = required.total - required.right;
  if (missing > 0) {
    return `Waiting for ${missing} required ${missing === 1 ? 'record' : 'records'}. New records take minutes to show, with some providers an hour.`;
  }
  if (domain.purpose === 'parked') {
    return `The required record is right. ${left(recommended)}`;
  }
  if (domain.sending === 'held') {
    return 'Sending waits for a step by the operator of the service, who was notified.';
  }
  if (domain.sending !== 'ready') {
    return 'The required records are right. Sending is being prepared, which takes a few minutes.';
  }
  return `Mail can be sent. ${left(recommended)}`;
}

const left = ({ right, total }: Domain['progress']['recommended']): string =>
  right === total ? 'Nothing is left to do.' : 'The records that are left are recommended.';
