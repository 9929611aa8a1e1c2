import type { Line } from './line.ts';

/** The lines of a suite as a table for people: a row a figure, numbers aligned. */
export function table(suite: string, lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    line.case,
    line.subject,
    format(line.value),
    line.unit,
    line.limitRatio === undefined ? '' : `${line.limitRatio.toFixed(2)} x limit`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => row[column]!.length), 0),
  );
  const text = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 2 ? cell.padStart(widths[2]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`\n${suite}`, '-'.repeat(suite.length), ...text].join('\n');
}

function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3);
}
