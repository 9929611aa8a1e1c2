import { invalidParameter, sqsError } from './sqs-errors.ts';
import type { Queue } from './sqs-queue.ts';
import type { Queues } from './sqs-queues.ts';

/** A message move task, as it is kept. */
export interface MoveTask {
  readonly handle: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly sourceArn: string;
  /** Absent: each message goes back to the queue that it is a dead letter of. */
  readonly destinationArn?: string | undefined;
  readonly messagesPerSecond?: number | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly moved: number;
  readonly toMove: number;
  readonly failureReason?: string;
}

export type NewMoveTask = Pick<MoveTask, 'sourceArn' | 'destinationArn' | 'messagesPerSecond'>;

/** The most that a caller can ask for, and what SQS does where it is not asked. */
const FASTEST = 500;

const notFound = (parameter: string) =>
  sqsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  );

/** The tasks that move dead letters back, at the rate that they were started with. */
export class MoveTasks {
  readonly #queues: Queues;
  readonly #kept: (task: MoveTask) => void;
  readonly #tasks = new Map<string, MoveTask>();

  constructor(queues: Queues, kept: (task: MoveTask) => void) {
    this.#queues = queues;
    this.#kept = kept;
  }

  /** Takes back a task that was kept. */
  restore(task: MoveTask): void {
    this.#tasks.set(task.handle, task);
  }

  get areRunning(): boolean {
    return [...this.#tasks.values()].some(({ status }) => status === 'RUNNING');
  }

  /** Those of a source queue, latest first. @throws AwsError where there is no such queue */
  of(sourceArn: string): MoveTask[] {
    if (this.#queues.find(sourceArn) === undefined) throw notFound('SourceArn');
    const tasks = [...this.#tasks.values()].filter((task) => task.sourceArn === sourceArn);
    return tasks.sort((a, b) => b.startedAt - a.startedAt);
  }

  /** @returns the task's handle. @throws AwsError as SQS refuses it */
  start(task: NewMoveTask, taskId: string, now: number): string {
    const source = this.#queues.find(task.sourceArn);
    if (source === undefined) throw notFound('SourceArn');
    if (this.#queues.deadLetterSources(task.sourceArn).length === 0) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (task.destinationArn !== undefined) this.#checkDestination(task.destinationArn, source);
    if (this.of(task.sourceArn).some(({ status }) => status === 'RUNNING')) {
      throw sqsError(
        'UnsupportedOperation',
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const toMove = source.messages(now).length;
    const handle = handleOf(taskId, task.sourceArn);
    this.#keep({ ...task, handle, status: 'RUNNING', startedAt: now, moved: 0, toMove });
    return handle;
  }

  /** @returns how many messages the task had moved. @throws AwsError where it does not run */
  cancel(handle: string): number {
    const task = this.#tasks.get(handle);
    if (task === undefined) throw notFound('TaskHandle');
    if (task.status !== 'RUNNING') {
      throw sqsError('UnsupportedOperation', 'Only active tasks can be cancelled.');
    }
    this.#keep({ ...task, status: 'CANCELLED' });
    return task.moved;
  }

  /** Moves what may be moved by now. */
  step(now: number): void {
    for (const task of this.#tasks.values()) {
      if (task.status !== 'RUNNING') continue;
      const advanced = this.#advance(task, now);
      if (advanced.moved !== task.moved || advanced.status !== task.status) this.#keep(advanced);
    }
  }

  #advance(task: MoveTask, now: number): MoveTask {
    const source = this.#queues.find(task.sourceArn);
    if (source === undefined) return failed(task, 'AWS.SimpleQueueService.NonExistentQueue');
    const rate = task.messagesPerSecond ?? FASTEST;
    const allowed = 1 + Math.floor((rate * (now - task.startedAt)) / 1000);
    let { moved } = task;
    for (; moved < allowed; moved += 1) {
      const message = source.next(now);
      if (message === undefined) return { ...task, moved, status: 'COMPLETED' };
      const to = this.#queues.find(task.destinationArn ?? message.deadLetterSource ?? '');
      if (to === undefined) return failed({ ...task, moved }, 'CouldNotDetermineMessageSource');
      source.take(message, now);
      this.#queues.redrive(message, to, now);
    }
    return { ...task, moved };
  }

  #checkDestination(arn: string, source: Queue): void {
    const destination = this.#queues.find(arn);
    if (destination === undefined) throw notFound('DestinationArn');
    if (destination === source || destination.settings.fifo !== source.settings.fifo) {
      throw invalidParameter(
        'The destination queue must be another one than the source queue, and of its type.',
      );
    }
  }

  #keep(task: MoveTask): void {
    this.#tasks.set(task.handle, task);
    this.#kept(task);
  }
}

const failed = (task: MoveTask, failureReason: string): MoveTask => ({
  ...task,
  status: 'FAILED',
  failureReason,
});

/** As SQS makes it: it says which queue the task is about. */
const handleOf = (taskId: string, sourceArn: string): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');
