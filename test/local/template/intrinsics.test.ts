import { expect, test } from 'vitest';
import { TemplateError } from '../../../local/template/errors.ts';
import { evaluate, references, type Scope } from '../../../local/template/intrinsics.ts';

const scope: Scope = {
  ref: (name) =>
    new Map<string, unknown>([
      ['Queue', 'http://queue'],
      ['AWS::Region', 'eu-west-1'],
      ['Count', 3],
    ]).get(name),
  attribute: (logicalId, name) =>
    new Map<string, unknown>([
      ['Queue.Arn', 'arn:queue'],
      ['Zone.NameServers', ['ns1', 'ns2']],
    ]).get(`${logicalId}.${name}`),
  imported: (name) => ({ 'Data:Key': 'arn:key' })[name],
};
const place = { stack: 'S', logicalId: 'R' };
const evaluated = (value: unknown): unknown => evaluate(value, scope, place);

test.each([
  ['plain values as they are', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
  ['Ref', { Ref: 'Queue' }, 'http://queue'],
  ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
  ['GetAtt as a string', { 'Fn::GetAtt': 'Queue.Arn' }, 'arn:queue'],
  ['GetAtt of a list', { 'Fn::GetAtt': ['Zone', 'NameServers'] }, ['ns1', 'ns2']],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Count' }, { Ref: 'Queue' }]] }, 'a-3-http://queue'],
  [
    'Join of a list from elsewhere',
    { 'Fn::Join': [',', { 'Fn::GetAtt': ['Zone', 'NameServers'] }] },
    'ns1,ns2',
  ],
  [
    'Sub',
    { 'Fn::Sub': 'a-${AWS::Region}-${Queue.Arn}-${!Literal}' },
    'a-eu-west-1-arn:queue-${Literal}',
  ],
  [
    'Sub with a map',
    { 'Fn::Sub': ['${X}/${Queue}', { X: { 'Fn::Join': ['', ['y']] } }] },
    'y/http://queue',
  ],
  ['Select from Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  ['Select by an index in a string', { 'Fn::Select': ['0', ['a']] }, 'a'],
  ['ImportValue', { 'Fn::ImportValue': 'Data:Key' }, 'arn:key'],
  ['NoValue in a map', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
  ['NoValue in a list', [1, { Ref: 'AWS::NoValue' }], [1]],
])('evaluates %s', (_, value, expected) => {
  expect(evaluated(value)).toEqual(expected);
});

test.each([
  [
    'an intrinsic it does not know',
    { 'Fn::If': ['C', 1, 2] },
    'does not know the intrinsic Fn::If',
  ],
  ['a condition', { Condition: 'C' }, 'does not know the intrinsic Condition'],
  ['a Ref to nothing', { Ref: 'Nothing' }, 'Ref to Nothing'],
  [
    'an attribute that is not there',
    { 'Fn::GetAtt': ['Queue', 'Colour'] },
    'Queue has no attribute Colour',
  ],
  ['an export that is not there', { 'Fn::ImportValue': 'Data:Other' }, 'exports Data:Other'],
  ['an index beyond the list', { 'Fn::Select': [2, ['a']] }, 'Fn::Select takes'],
  ['a Join of a map', { 'Fn::Join': ['', [{ a: 1, b: 2 }]] }, 'Fn::Join takes strings'],
  ['a dynamic reference', '{{resolve:ssm:/x}}', 'dynamic references'],
])('refuses %s and names the place', (_, value, problem) => {
  expect(() => evaluated({ Environment: [value] })).toThrow(TemplateError);
  expect(() => evaluated({ Environment: [value] })).toThrow(
    `stack S, resource R, property Environment.0: `,
  );
  expect(() => evaluated({ Environment: [value] })).toThrow(problem);
});

test('finds what a value refers to', () => {
  const value = {
    a: { Ref: 'A' },
    b: [{ 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
    c: { 'Fn::Sub': ['${D}-${E.Arn}-${!F}-${X}', { X: { Ref: 'G' } }] },
    d: { 'Fn::Join': ['', [{ 'Fn::Select': [0, { 'Fn::Split': [',', { Ref: 'H' }] }] }]] },
  };

  expect([...references(value)].sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'G', 'H', 'X']);
});
