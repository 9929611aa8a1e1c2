import type { StepAhead } from '../api/client.ts';

type Way = StepAhead['ways'][number];

interface Standing {
  readonly met: boolean;
  readonly text: string;
}

/** One thing that a step takes, each way. */
export interface Requirement {
  readonly what: string;
  readonly usual: Standing;
  readonly slow: Standing;
}

const number = new Intl.NumberFormat();
/** Rounded down, so that what falls short is never shown as enough. */
const percent = (rate: number): string => `${Math.floor(rate * 1_000) / 10}%`;

const counted = ({ needed, seen }: Way['days']): Standing => ({
  met: seen >= needed,
  text: `${number.format(seen)} of ${number.format(needed)}`,
});

const rated = ({ needed, seen }: Way['passRate']): Standing => ({
  met: seen !== null && seen >= needed,
  text: `${seen === null ? 'no mail yet' : percent(seen)} of ${percent(needed)}`,
});

/** Lists the requirements of a step, each with its present amount. */
export function requirementsOf({ ways: [usual, slow] }: StepAhead): Requirement[] {
  if (usual === undefined || slow === undefined) return [];
  return [
    { what: 'Days at this stage', usual: counted(usual.days), slow: counted(slow.days) },
    {
      what: 'Receivers that report',
      usual: counted(usual.reporters),
      slow: counted(slow.reporters),
    },
    {
      what: 'Messages of known sources in these days',
      usual: counted(usual.messages),
      slow: counted(slow.messages),
    },
    { what: 'Of which passed', usual: rated(usual.passRate), slow: rated(slow.passRate) },
  ];
}
