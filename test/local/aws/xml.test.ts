import { expect, test } from 'vitest';
import {
  childText,
  element,
  parseXml,
  xmlDocument,
  XmlSyntaxError,
} from '../../../local/aws/xml.ts';

test('elements lose their prefix and their attributes, and keep their order and their text', () => {
  const document = parseXml(
    '<?xml version="1.0"?>\n<r:Change xmlns:r="urn:x" at="1"><!-- who --><Name>a&amp;b&#32;&lt;</Name><Ttl/><Name>c</Name></r:Change>\n',
  );
  expect(document.name).toBe('Change');
  expect(document.children.map(({ name, text }) => [name, text])).toEqual([
    ['Name', 'a&b <'],
    ['Ttl', ''],
    ['Name', 'c'],
  ]);
  expect(childText(document, 'Name')).toBe('a&b <');
  expect(childText(document, 'Value')).toBeUndefined();
});

test('what is written is read as it was, white space and line ends too', () => {
  const text = ' "v=spf1 <&> \'x\'"\r\n\tend ';
  const written = xmlDocument(element('Root', [element('Value', text)], 'urn:aws'));
  expect(childText(parseXml(written), 'Value')).toBe(text);
});

test.each([
  ['', 'nothing'],
  ['text', 'text alone'],
  ['<a></a>text', 'text around the element'],
  ['<a/><b/>', 'two elements'],
  ['<a><b></b>', 'an element that is not closed'],
  ['<a><b', 'a tag that is cut off'],
  ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', 'a document type'],
])('%j is refused: %s', (text) => {
  expect(() => parseXml(text)).toThrow(XmlSyntaxError);
});
