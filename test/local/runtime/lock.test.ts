import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AlreadyRunningError, lockFolder } from '../../../local/runtime/lock.ts';
import { anyPort, choosePort, PortTakenError } from '../../../local/runtime/ports.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lockFile = (): string => join(folder, 'lock');

/** The process whose lock it is once the folder was locked; it is given back after. */
function lockedBy(): number {
  const unlock = lockFolder(folder);
  const { pid } = JSON.parse(readFileSync(lockFile(), 'utf8')) as { pid: number };
  unlock();
  return pid;
}

test('a folder is had by one run at a time, and can be given back', () => {
  const unlock = lockFolder(folder);

  expect(() => lockFolder(folder)).toThrow(AlreadyRunningError);
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid}`);

  unlock();
  expect(lockedBy()).toBe(process.pid);
});

test('the lock of a process that is gone does not count', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  writeFileSync(lockFile(), JSON.stringify({ pid: child.pid, started: '1' }));

  expect(lockedBy()).toBe(process.pid);
});

test('the lock of an earlier process with the same number does not count', () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, started: '1' }));

  expect(lockedBy()).toBe(process.pid);
});

test('a lock that was never filled does not count', () => {
  writeFileSync(lockFile(), '');

  expect(lockedBy()).toBe(process.pid);
});

test('a port that DNS is to have must be free on UDP too', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();

  await expect(choosePort(port, undefined, 'DNS_PORT', 'udp')).rejects.toThrow(PortTakenError);
  expect(await choosePort(undefined, port, 'DNS_PORT', 'udp')).not.toBe(port);

  socket.close();
  await once(socket, 'close');
  expect(await choosePort(port, undefined, 'DNS_PORT', 'udp')).toBe(port);
});

test('a port that was asked for and is taken is an error; the last one is only a wish', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await expect(choosePort(port, undefined, 'API_PORT')).rejects.toThrow(PortTakenError);
    await expect(choosePort(port, undefined, 'API_PORT')).rejects.toThrow('API_PORT');
    expect(await choosePort(0, port, 'API_PORT')).not.toBe(port);
  } finally {
    server.close();
  }
  await once(server, 'close');
  expect(await choosePort(port, undefined, 'API_PORT')).toBe(port);
  expect(await choosePort(undefined, port, 'API_PORT')).toBe(port);
});

test('a port that is needed before its server listens is none that connections are given', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => anyPort('udp')));
  for (const port of ports) {
    expect(port).toBeGreaterThan(1024);
    expect(port).toBeLessThan(32_768);
  }
});
