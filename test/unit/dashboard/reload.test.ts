import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  forgetSignedIn,
  noteSignedIn,
  wasSignedIn,
} from '../../../dashboard/src/session/reload.ts';

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('a tab that is loaded again is signed in again, once', () => {
  expect(wasSignedIn()).toBe(false);
  noteSignedIn();
  expect(wasSignedIn()).toBe(true);
  // Where that fails, the page shows its own sign-in.
  expect(wasSignedIn()).toBe(false);
});

test('who signs out is not signed in again', () => {
  noteSignedIn();
  forgetSignedIn();
  expect(wasSignedIn()).toBe(false);
});
