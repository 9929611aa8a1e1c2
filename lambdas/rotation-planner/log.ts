import { WAVES } from '#shared/core/model/rotation.ts';
import type { RotationProgress, RotationRun } from '#shared/app/ports/rotation-runs.ts';
import { count, logger } from '#shared/runtime/log.ts';
import type { PlannerEvent } from './ports.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: PlannerEvent): void {
  switch (event.kind) {
    case 'began':
      return logger.info('a wave of the rotation begins', summary(event.run));
    case 'progress':
      return logger.info('rotation goes on', summary(event.run, event.progress));
    case 'finished':
      return logger.info('rotation run finished', summary(event.run, event.progress));
    case 'overtaken':
      return logger.info('another planner is at the run', summary(event.run));
    case 'stalled':
      count('RotationStalled');
      return logger.error(
        'batches of the rotation are not done',
        summary(event.run, event.progress),
      );
    case 'halted':
      count('RotationHalted');
      return logger.error('rotation halted', { ...summary(event.run), reason: event.reason });
    case 'held-back-long': {
      count('RotationsHeldBackLong');
      const { domain, kind, reason, detail, since } = event.item;
      return logger.error('a rotation is blocked', { domain, kind, reason, detail, since });
    }
    case 'missed':
      count('RotationMissed');
      return logger.error('no run of the rotation has begun for over a month', {
        last: event.last.period,
      });
    case 'retried': {
      count('RotationRetried');
      const { queued, waiting } = event;
      return logger.info('what the rotation left over is tried again', { queued, waiting });
    }
  }
}

const summary = (run: RotationRun, progress?: RotationProgress): Record<string, unknown> => ({
  ...run,
  wave: WAVES[run.wave],
  ...progress?.tally,
  ...(progress === undefined ? {} : { waves: progress.waves }),
});
