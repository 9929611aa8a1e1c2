/** The octets that the syntax of mail turns on (RFC 5234 appendix B.1, RFC 5322 §3.2). */
export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const FF = 0x0c;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const DEL = 0x7f;

/** White space as DKIM and RFC 5322 mean it: space and tab; not NBSP, form feed or vertical tab. */
export function isWsp(octet: number | undefined): boolean {
  return octet === SP || octet === TAB;
}
