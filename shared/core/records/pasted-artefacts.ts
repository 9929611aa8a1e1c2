/**
 * Artefacts that web forms leave around a value: quotes of any kind, escaped ones too, and the
 * words of a zone file's line.
 */
const quotes = /^(?:\\?["'`\u2018\u2019\u201c\u201d])+|(?:\\?["'`\u2018\u2019\u201c\u201d])+$/gu;
const words = /^(?:(?:IN|TXT|CNAME|MX|SPF)\b[ \t:=]*)+/;
const scheme = /^https?:\/\//i;

/**
 * A value without what people copy along with it: quotes, spaces, the record's type, `https://`.
 *
 * @returns the value itself where it has nothing of the kind
 */
export function withoutPastedArtefacts(text: string): string {
  let bare = text;
  for (let before; before !== bare;) {
    before = bare;
    bare = bare.trim().replaceAll(quotes, '').replace(words, '').replace(scheme, '');
  }
  return bare.replace(/[/;,]+$/, '').replace(/\.$/, '');
}
