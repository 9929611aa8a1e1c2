/** Octets that stay free before a mail: as many as the longest signature needs. */
const ROOM = 4_096;
/** Below so many octets a copy costs less than memory of its own. */
const LARGE = 65_536;

/** The memory of mails that have room before them. */
const roomy = new WeakSet<ArrayBufferLike>();

/**
 * Allocates the memory of a mail. Before a large one it leaves room, so that `withFront` need not
 * copy it.
 */
export function allocateMail(length: number): Buffer {
  if (length < LARGE) return Buffer.allocUnsafe(length);
  const memory = Buffer.allocUnsafeSlow(ROOM + length);
  roomy.add(memory.buffer);
  return memory.subarray(ROOM);
}

/**
 * Returns a mail with octets before it: in the room before the mail where it has enough, else as a
 * copy. The mail itself stays as it is; a second front takes the place of the first.
 */
export function withFront(front: Buffer, mail: Buffer): Buffer {
  const { buffer, byteOffset, length } = mail;
  if (byteOffset !== ROOM || front.length > ROOM || !roomy.has(buffer)) {
    return Buffer.concat([front, mail]);
  }
  const whole = Buffer.from(buffer, byteOffset - front.length, front.length + length);
  whole.set(front);
  return whole;
}
