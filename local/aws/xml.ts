import { Parser } from 'htmlparser2';

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
const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);

/** One element that holds either text, which is escaped, or other elements. */
export function element(name: string, content: string | readonly Xml[], xmlns = ''): Xml {
  const inner = typeof content === 'string' ? escapeXml(content) : content.join('');
  const attribute = xmlns === '' ? '' : ` xmlns="${escapeXml(xmlns)}"`;
  return `<${name}${attribute}>${inner}</${name}>` as Xml;
}

export const xmlDocument = (root: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads a document of elements and text.
 *
 * @throws XmlSyntaxError where it has a document type, is not one element, or ends before that does
 */
export function parseXml(text: string): XmlElement {
  const around: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [around];
  const parser = new Parser(
    {
      onopentagname(qualified) {
        const name = qualified.slice(qualified.indexOf(':') + 1);
        const element: OpenElement = { name, children: [], text: '' };
        open.at(-1)?.children.push(element);
        open.push(element);
      },
      ontext(data) {
        const current = open.at(-1);
        if (current !== undefined) current.text += data;
      },
      onclosetag() {
        open.pop();
      },
      onprocessinginstruction(name) {
        if (name.startsWith('!')) throw new XmlSyntaxError('the document declares a type');
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(text);
  const isClosed = open.length === 1;
  parser.end();
  const [root] = around.children;
  if (!isClosed || root === undefined || around.children.length > 1 || around.text.trim() !== '') {
    throw new XmlSyntaxError('the document must be one element, closed');
  }
  return root;
}

/** The first child of that name, if there is one. */
export const child = (parent: XmlElement, name: string): XmlElement | undefined =>
  parent.children.find((candidate) => candidate.name === name);

/** The text of the first child of that name, if there is one. */
export const childText = (parent: XmlElement, name: string): string | undefined =>
  child(parent, name)?.text;
