/** An expression that EventBridge Scheduler would refuse, or that is not imitated here. */
export class ScheduleExpressionError extends Error {
  override readonly name = 'ScheduleExpressionError';
}

/** When a schedule is due, in milliseconds since 1970. */
export interface Occurrences {
  /**
   * The first time after `after`; undefined where there is none any more.
   * @param created when the schedule was made, from which a rate counts
   */
  next(after: number, created: number): number | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 3_600_000,
  day: DAY_MS,
};

function parseRate(text: string): Occurrences {
  const match = /^([1-9]\d{0,8}) (minute|hour|day)(s?)$/.exec(text);
  if (match === null) {
    throw new ScheduleExpressionError(
      `rate(${text}) is not a positive number of minutes, hours or days`,
    );
  }
  const [, count = '', unit = ''] = match;
  const period = Number(count) * (UNITS[unit] ?? MINUTE_MS);
  return {
    next: (after, created) =>
      after < created ? created : created + (Math.floor((after - created) / period) + 1) * period,
  };
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of values, the first one being that of `min`. */
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS = {
  minutes: { name: 'minutes', min: 0, max: 59 },
  hours: { name: 'hours', min: 0, max: 23 },
  dayOfMonth: { name: 'day-of-month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day-of-week', min: 1, max: 7, names: WEEKDAYS },
  year: { name: 'year', min: 1970, max: 2199 },
} as const satisfies Readonly<Record<string, Field>>;

function parseValue(text: string, { name, min, max, names }: Field): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named === -1 ? Number(text) : named + min;
  if (named === -1 && !/^\d{1,4}$/.test(text)) {
    throw new ScheduleExpressionError(`${text} is not known in the field ${name} of cron()`);
  }
  if (value < min || value > max) {
    throw new ScheduleExpressionError(`${text} is not from ${min} to ${max}, as ${name} is`);
  }
  return value;
}

/** Reads `*`, `a`, `a-b`, `a/n`, `*` with a step, `a-b/n` and lists of them. */
function parseField(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) {
      throw new ScheduleExpressionError(`${part} is not a step in the field ${field.name}`);
    }
    const [low = '', high] = range.split('-');
    const from = range === '*' ? field.min : parseValue(low, field);
    // A single value with a step goes on to the end of the field.
    const open = range === '*' || (high === undefined && step !== undefined);
    const to = high === undefined ? (open ? field.max : from) : parseValue(high, field);
    if (to < from) throw new ScheduleExpressionError(`${range} runs backwards in ${field.name}`);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/** Returns true if a day matches; one of the two day fields is always `?`. */
type DayTest = (date: Date) => boolean;

function parseDays(dayOfMonth: string, dayOfWeek: string): DayTest {
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new ScheduleExpressionError('one of day-of-month and day-of-week has to be ?, not both');
  }
  if (dayOfMonth === '?') {
    const days = parseField(dayOfWeek, FIELDS.dayOfWeek);
    return (date) => days.has(date.getUTCDay() + 1);
  }
  if (dayOfMonth === 'L') {
    return (date) => new Date(date.getTime() + DAY_MS).getUTCDate() === 1;
  }
  const days = parseField(dayOfMonth, FIELDS.dayOfMonth);
  return (date) => days.has(date.getUTCDate());
}

function parseCron(text: string): Occurrences {
  const parts = text.trim().split(/\s+/);
  const [minutesText = '', hoursText = '', dayOfMonth = '', monthText = '', dayOfWeek = ''] = parts;
  if (parts.length !== 6) {
    throw new ScheduleExpressionError(
      `cron(${text}) has ${parts.length} fields where 6 belong: minutes hours day-of-month month day-of-week year`,
    );
  }
  const minutes = [...parseField(minutesText, FIELDS.minutes)].sort((a, b) => a - b);
  const hours = [...parseField(hoursText, FIELDS.hours)].sort((a, b) => a - b);
  const months = parseField(monthText, FIELDS.month);
  const years = parseField(parts[5] ?? '', FIELDS.year);
  const isDay = parseDays(dayOfMonth, dayOfWeek);
  const lastYear = Math.max(...years);

  return {
    next(after) {
      const start = new Date(after);
      start.setUTCHours(0, 0, 0, 0);
      for (
        let day = start;
        day.getUTCFullYear() <= lastYear;
        day = new Date(day.getTime() + DAY_MS)
      ) {
        const due = years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1);
        if (!due || !isDay(day)) continue;
        for (const hour of hours) {
          for (const minute of minutes) {
            const time = day.getTime() + (hour * 60 + minute) * MINUTE_MS;
            if (time > after) return time;
          }
        }
      }
      return undefined;
    },
  };
}

/**
 * Reads `rate(...)` or `cron(...)` of EventBridge Scheduler, in UTC. `at(...)`, `W` and `#` are not
 * imitated, nor is `L` but for the last day of the month.
 * @throws ScheduleExpressionError
 */
export function parseScheduleExpression(expression: string): Occurrences {
  const match = /^(\w+)\((.*)\)$/.exec(expression);
  if (match?.[1] === 'rate') return parseRate(match[2] ?? '');
  if (match?.[1] === 'cron') return parseCron(match[2] ?? '');
  throw new ScheduleExpressionError(`${expression} is neither rate(...) nor cron(...)`);
}
