/** Says that somebody was signed in in this tab; not who, and no token. */
const KEY = 'signed-in';

/** Notes that somebody is signed in in this tab, for when it is loaded again. */
export const noteSignedIn = (): void => sessionStorage.setItem(KEY, 'yes');

export const forgetSignedIn = (): void => sessionStorage.removeItem(KEY);

/**
 * Returns true if somebody was signed in in this tab before it was loaded again: the session of the
 * hosted sign-in then gives a code without asking anything. Once, so that a sign-in that fails is
 * not begun again and again.
 */
export function wasSignedIn(): boolean {
  const was = sessionStorage.getItem(KEY) !== null;
  forgetSignedIn();
  return was;
}
