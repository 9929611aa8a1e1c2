import { localRun, type Where } from '../connection.ts';
import { readSettings, type Settings } from '../settings.ts';

/** Where a command goes: the settings of its deployment, and those of the SDK's clients. */
export interface Target {
  readonly settings: Settings;
  readonly client: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** The options by which every command names its deployment, and how it prints. */
export const targetOptions = {
  state: { type: 'string' },
  aws: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** The same, for the usage of a command. */
export const targetUsage = `The local run is used where there is one (in .local, or in the folder that --state names); with --aws,
or without a local run, the deployment of cdk.json and of the AWS credentials in the environment.
--json prints the same for programs.`;

/** @throws CommandError */
export function targetOf(where: Where): Target {
  const local = localRun(where);
  const settings = readSettings(local?.configFile);
  return { settings, client: { region: settings.deployment.region, ...local?.client } };
}

/** Prints a result: as JSON, or as lines. */
export function print<Result>(
  result: Result,
  isJson: boolean,
  linesOf: (result: Result) => readonly string[],
): void {
  if (isJson) console.log(JSON.stringify(result, undefined, 2));
  else for (const line of linesOf(result)) console.log(line);
}
