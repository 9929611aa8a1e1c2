import type { App, Resource } from './app.ts';
import { declarationOf } from './declared.ts';
import { functionsOf, rightsOf, wokenBy } from './lambda.ts';
import { code, type Table } from './markdown.ts';

/** Tables what each function does, what wakes it and where it sends. */
export const functions = (app: App): Table => ({
  columns: ['function', 'what it does', 'woken by', 'sends to', 'calls beside AWS'],
  rows: functionsOf(app).map(([name, found]) => [
    code(name),
    String(found.properties['Description']),
    wokenBy(app, found).join('<br>'),
    sendsTo(app, found).join(', '),
    declarationOf(name)?.callsBeside ?? '–',
  ]),
});

/** The queues that a function may send to, without those of what failed, and the bus. */
export function sendsTo(app: App, found: Resource): string[] {
  const names = rightsOf(app, found).flatMap(({ action, on }) => {
    if (action === 'events:PutEvents') return ['the event bus'];
    const isConsumed = app.referred(on)?.properties['RedrivePolicy'] !== undefined;
    return action === 'sqs:SendMessage' && isConsumed ? [code(app.named(on))] : [];
  });
  return names.toSorted();
}
