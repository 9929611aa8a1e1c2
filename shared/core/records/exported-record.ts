import type { RemainingChange } from './remaining-change.ts';

/** Returns text as a comment may have it: printable ASCII. */
export const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?');

/** Returns a value that ends in a name, with its final dot; the root has it already. */
export const absolute = (value: string): string => (value.endsWith('.') ? value : `${value}.`);

/**
 * Returns what is to be done by hand before or instead of creating a record, a line each; none where
 * a tool can create it beside what is there.
 */
export function manualSteps({ record, change }: RemainingChange): readonly string[] {
  const { name, type } = record;
  switch (change.action) {
    case 'create':
      return [];
    case 'add':
      return change.replaced.map(
        (index) => `To take the place of: ${printable(change.present.values[index] ?? '')}`,
      );
    case 'replace':
      return change.present.values.map(
        (text) => `To take the place of the ${change.present.type} record: ${printable(text)}`,
      );
    case 'by-hand':
      return [`${printable(name)} ${type} is left to you. ${printable(change.why)}`];
  }
}
