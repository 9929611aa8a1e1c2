import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queuesOf } from '#shared/runtime/declaration.ts';
import { declarations } from '../../infra/functions.ts';
import { readable, repository, resourcesOf } from './synthesized.ts';

/** The tests that take away each dependency of a function, and have no message returned for it. */
const proofs: Readonly<Record<string, string>> = {
  identities: 'test/unit/lambdas/identities/outages.test.ts',
  publisher: 'test/unit/lambdas/publisher/outages.test.ts',
};

describe('a message that is returned to a FIFO queue holds up its group', () => {
  it('so each function that consumes one is proven to return none for an outage', async () => {
    const declared = (await declarations()).filter(({ wokenBy }) =>
      queuesOf(wokenBy).some(({ fifo }) => fifo),
    );
    expect(declared.map(({ name }) => name)).toEqual(Object.keys(proofs));
    for (const file of Object.values(proofs)) {
      expect([file, existsSync(join(repository, file))]).toEqual([file, true]);
    }
  });

  it('and no mapping of a FIFO queue is without a declaration', async () => {
    const resources = resourcesOf();
    const fifo = resources.filter(
      ({ type, properties }) => type === 'AWS::SQS::Queue' && properties['FifoQueue'] === true,
    );
    const sources = resources
      .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
      .map(({ stack, properties }) => `${stack} ${String(readable(properties['EventSourceArn']))}`);
    const consumed = fifo.filter(({ stack, id }) => sources.includes(`${stack} <${id}.Arn>`));
    const declared = (await declarations()).flatMap(({ wokenBy }) =>
      queuesOf(wokenBy).filter((queue) => queue.fifo),
    );
    expect(consumed.map(({ properties }) => String(properties['QueueName'])).toSorted()).toEqual(
      declared.map(({ name }) => `sender-domains-${name}.fifo`).toSorted(),
    );
  });
});
