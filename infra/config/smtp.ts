import * as z from 'zod';
import { atLeastOne } from './fields.ts';

/** The label of the host that applications submit to, below the zone. */
export const SMTP_LABEL = 'smtp';

/** SMTP submission, at `smtp.<zone>`: containers behind a load balancer, which cost while they stand. */
export const smtp = z
  .strictObject({
    /** True if applications may submit mail by SMTP. */
    enabled: z.boolean('give true or false').default(false),
    /** Tasks that run at least; two, so that one may fail. */
    minimumTasks: atLeastOne.max(100, 'give at most 100').default(2),
    /** Tasks that run at most, under load. */
    maximumTasks: atLeastOne.max(100, 'give at most 100').default(10),
  })
  .refine(({ minimumTasks, maximumTasks }) => minimumTasks <= maximumTasks, {
    path: ['maximumTasks'],
    message: 'give at least minimumTasks',
  })
  .prefault({});
