import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Caller } from '../aws-call.ts';
import { accessKeyOf, type DeclaredContainer } from '../deployment.ts';
import { LogFile } from '../lambda/log.ts';
import { anyPort } from '../ports.ts';

const PORT_MAPPING = fileURLToPath(new URL('port-mapping.ts', import.meta.url));
/** Milliseconds that a container has to listen on all its ports. */
const START_LIMIT = 30_000;
/** Milliseconds before a container that ended by itself is started again. */
const RESTART_PAUSE = 500;

export interface ContainerContext {
  readonly caller: Omit<Caller, 'accessKeyId'>;
  readonly stateDir: string;
  readonly logs: string;
  readonly log: (problem: string) => void;
  /** The ports on this machine that stand for the containers', as far as they are decided. */
  readonly ports: Readonly<Record<number, number>>;
}

/** A container, as a process of this machine with the task's variables and rights. */
export interface RunningContainer {
  readonly name: string;
  /** The port on this machine, by the one in the container. */
  readonly ports: Readonly<Record<number, number>>;
  /** Its process at the moment, which a test may signal. */
  readonly pid: number | undefined;
  /** Signals SIGTERM, waits as long as the task definition says, and kills what is left. */
  stop(): Promise<void>;
}

/** Starts a container, and again whenever it ends by itself. @throws Error where it does not listen */
export async function startContainer(
  declared: DeclaredContainer,
  context: ContainerContext,
): Promise<RunningContainer> {
  const { name, ports: inside, stopSeconds } = declared;
  const ports: Record<number, number> = {};
  for (const port of inside) ports[port] = context.ports[port] || (await anyPort());
  const log = new LogFile(context.logs, name);
  let stopping = false;
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const began = launch(declared, context, ports, log);
    child = began;
    began.once('exit', (code, signal) => {
      if (stopping || child !== began) return;
      context.log(`the container ${name} ended (${signal ?? `exit status ${code}`})`);
      void sleep(RESTART_PAUSE).then(async () => {
        if (!stopping) await start();
      });
    });
    await listening(began, inside, name).catch((error: unknown) => {
      if (!stopping) throw error;
    });
  };
  await start();

  return {
    name,
    ports,
    get pid() {
      return child?.pid;
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        const killed = sleep(stopSeconds * 1000, 'late', { ref: false });
        if ((await Promise.race([exited, killed])) === 'late') child.kill('SIGKILL');
        await exited;
      }
      await log.close();
    },
  };
}

function launch(
  { name, file, variables, folders, memoryMegabytes }: DeclaredContainer,
  { caller: { endpoint, region }, stateDir }: ContainerContext,
  ports: Readonly<Record<number, number>>,
  log: LogFile,
): ChildProcess {
  const volumes = new Map(folders.map((path) => [path, join(stateDir, 'volumes', name, path)]));
  for (const folder of volumes.values()) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const code = join(stateDir, 'volumes', name, 'index.js');
  copyFileSync(file, code);
  // A container has no package.json that would say otherwise.
  writeFileSync(join(stateDir, 'volumes', name, 'package.json'), '{"type":"commonjs"}\n');
  const own = Object.entries(variables).map(([variable, value]) => [
    variable,
    volumes.get(value) ?? value,
  ]);
  const child = fork(code, [], {
    execArgv: [`--max-old-space-size=${memoryMegabytes}`, '--import', PORT_MAPPING],
    env: {
      ...(Object.fromEntries(own) as Record<string, string>),
      CONTAINER_PORTS: JSON.stringify(ports),
      AWS_ACCESS_KEY_ID: accessKeyOf(name),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      // A task has no such files; those of this machine's user must not steer it.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      TZ: ':UTC',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a session of its own Ctrl-C does not reach it; the run ends it in its turn.
    detached: true,
  });
  child.stdout?.on('data', (text: Buffer) => log.print(text.toString(), 'INFO', undefined));
  child.stderr?.on('data', (text: Buffer) => log.print(text.toString(), 'ERROR', undefined));
  return child;
}

/** Waits until a container listens on all its ports. @throws Error where it ends before, or is late */
async function listening(
  child: ChildProcess,
  ports: readonly number[],
  name: string,
): Promise<void> {
  const open = new Set<number>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('message', (message: { listening?: number }) => {
    if (message.listening === undefined) return;
    open.add(message.listening);
    if (ports.every((port) => open.has(port))) resolve();
  });
  child.once('exit', (code) =>
    reject(
      new Error(`the container ${name} ended at its start (exit status ${code}); see its log`),
    ),
  );
  const timer = setTimeout(
    () => reject(new Error(`the container ${name} does not listen after ${START_LIMIT / 1000} s`)),
    START_LIMIT,
  );
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}
