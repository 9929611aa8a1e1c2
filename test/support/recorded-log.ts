import { afterEach, beforeEach, vi } from 'vitest';
import { logger } from '#shared/runtime/log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** What one test logged and counted. */
export interface RecordedLog {
  readonly logged: {
    readonly level: (typeof LEVELS)[number];
    readonly text: unknown;
    /** What was logged beside the text. */
    readonly details: readonly unknown[];
  }[];
  /** The sum of each counter. */
  readonly counted: Map<string, number>;
}

/** Records what each test of the calling file logs and counts, instead of printing it. */
export function recordedLog(): RecordedLog {
  const recorded: RecordedLog = { logged: [], counted: new Map() };
  beforeEach(() => {
    recorded.logged.length = 0;
    recorded.counted.clear();
    for (const level of LEVELS) {
      vi.spyOn(logger, level).mockImplementation((text, ...details) => {
        recorded.logged.push({ level, text, details });
      });
    }
    const write = process.stdout.write.bind(process.stdout);
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      if (typeof line !== 'string' || !line.startsWith('{"_aws":')) return write(line);
      for (const [name, value] of countersOf(line)) {
        recorded.counted.set(name, (recorded.counted.get(name) ?? 0) + value);
      }
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return recorded;
}

/** The counters of a line in CloudWatch's embedded metric format. */
function countersOf(line: string): [string, number][] {
  const { _aws: format, ...values } = JSON.parse(line) as Record<string, unknown>;
  const { CloudWatchMetrics: groups } = format as {
    CloudWatchMetrics: { Metrics: { Name: string }[] }[];
  };
  return groups.flatMap(({ Metrics }) =>
    Metrics.map(({ Name }): [string, number] => [Name, Number(values[Name])]),
  );
}
