import { afterEach, expect, test, vi } from 'vitest';
import { count } from '#shared/runtime/log.ts';

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
