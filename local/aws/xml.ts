/** An XML element: its name without prefix, its child elements and its text. Attributes are not kept. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** The document is not the plain XML that AWS clients send. */
export class XmlSyntaxError extends Error {
  override readonly name = 'XmlSyntaxError';
}

/** Text that is XML already, as `element` writes it. */
export type Xml = string & { readonly __xml: true };

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);

/** One element that holds either text, which is escaped, or other elements. */
export function element(name: string, content: string | readonly Xml[], xmlns = ''): Xml {
  const inner = typeof content === 'string' ? escapeXml(content) : content.join('');
  const attribute = xmlns === '' ? '' : ` xmlns="${escapeXml(xmlns)}"`;
  return `<${name}${attribute}>${inner}</${name}>` as Xml;
}

export const xmlDocument = (root: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith('#x') || name.startsWith('#X')) {
      return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    }
    if (name.startsWith('#')) return String.fromCodePoint(Number.parseInt(name.slice(1), 10));
    const char = ENTITIES[name];
    if (char === undefined) throw new XmlSyntaxError(`unknown entity ${whole}`);
    return char;
  });
}

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN =
  /<\?[^?]*\?>|<!--[\s\S]*?-->|<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;

/**
 * Reads a document of elements, text and the five named entities: all that AWS clients write.
 * @throws XmlSyntaxError on anything else, document types among it.
 */
export function parseXml(text: string): XmlElement {
  const root: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new XmlSyntaxError(`unexpected character at offset ${at}`);
    const [, closing, name, , selfClosing, chars] = match;
    const current = open.at(-1) ?? root;
    if (chars !== undefined) current.text += decodeEntities(chars);
    if (name === undefined) continue;
    const local = name.slice(name.indexOf(':') + 1);
    if (closing === '/') {
      if (open.length === 1 || current.name !== local) {
        throw new XmlSyntaxError(`</${name}> closes nothing that is open at offset ${at}`);
      }
      open.pop();
    } else {
      const child: OpenElement = { name: local, children: [], text: '' };
      current.children.push(child);
      if (selfClosing !== '/') open.push(child);
    }
  }
  const [first] = root.children;
  if (open.length !== 1 || first === undefined || root.children.length !== 1) {
    throw new XmlSyntaxError('the document must be one element, closed');
  }
  return first;
}

/** The first child of that name, if there is one. */
export const child = (parent: XmlElement, name: string): XmlElement | undefined =>
  parent.children.find((candidate) => candidate.name === name);

/** The text of the first child of that name, if there is one. */
export const childText = (parent: XmlElement, name: string): string | undefined =>
  child(parent, name)?.text;
