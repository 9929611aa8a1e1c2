import { afterEach, expect, test, vi } from 'vitest';
import { count, logger, measureAll } from '#shared/runtime/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("a count is one line of CloudWatch's embedded metric format, by deployment", () => {
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'staging');
  vi.spyOn(Date, 'now').mockReturnValue(1_780_000_000_000);
  const lines: unknown[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((line) => lines.push(line) > 0);
  count('EventsUnmatched', 3);
  write.mockRestore();

  expect(lines).toEqual([expect.stringMatching(/^[^\n]+\n$/)]);
  expect(JSON.parse(String(lines[0]))).toEqual({
    _aws: {
      Timestamp: 1_780_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'SenderDomains',
          Dimensions: [['service']],
          Metrics: [{ Name: 'EventsUnmatched', Unit: 'Count' }],
        },
      ],
    },
    service: 'staging',
    EventsUnmatched: 3,
  });
});

/** The lines that are written meanwhile. */
function linesOf(work: () => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const write = (line: unknown): boolean => lines.push(String(line)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  work();
  vi.restoreAllMocks();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('several numbers are one line, none is none', () => {
  const metrics = new Map([
    ['MessagesRefused', { unit: 'Count', value: 2 }],
    ['MailAge', { unit: 'Seconds', value: 0.5 }],
  ] as const);
  expect(linesOf(() => measureAll(metrics))).toEqual([
    expect.objectContaining({ MessagesRefused: 2, MailAge: 0.5 }),
  ]);
  expect(linesOf(() => measureAll(new Map()))).toEqual([]);
});

test('a routine line says what it is about, a warning also in which invocation', () => {
  const [routine, warning] = linesOf(() => {
    logger.info('a mail was sent', { messageId: 'm_1' });
    logger.warn('a mail waits', { messageId: 'm_1' });
  });
  const about = { timestamp: expect.any(String), messageId: 'm_1' };
  expect(routine).toEqual({ level: 'INFO', message: 'a mail was sent', ...about });
  expect(warning).toMatchObject({
    level: 'WARN',
    message: 'a mail waits',
    ...about,
    service: 'local',
  });
});
