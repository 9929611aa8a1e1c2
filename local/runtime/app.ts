import type { SpfCheck } from './inbound.ts';

/** A CDK app, and what a run needs to know of it that its templates do not say. */
export interface App {
  /** The folder that the app is synthesized in; its `cdk.json` is there. */
  readonly root: string;
  /** The module that synthesizes, by its path from `root`: `bin/app.ts`. */
  readonly main: string;
  /** Patterns of paths from `root`, which match every file that decides what is synthesized. */
  readonly inputs: readonly string[];
  /** The region of stacks that are synthesized without one. */
  readonly region: string;
  /** The app's settings for a run on this machine. */
  readonly settings?: AppSettings;
  /** Files that the templates' distribution answers here in place of its origin, by path: `/config.json`. */
  readonly siteFiles?: Readonly<Record<string, string>>;
  /** Checks SPF of mail that comes in, as SES does; absent: SES has no verdict (`GRAY`). */
  readonly checkSpf?: SpfCheck;
}

export interface AppSettings {
  /** The environment variable that gives the app the path of its settings, a JSON file. */
  readonly variable: string;
  /** The settings, where DNS answers at this port of 127.0.0.1. */
  of(dnsPort: number): object;
}
