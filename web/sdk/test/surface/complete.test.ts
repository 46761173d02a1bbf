import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

test('the type test uses every name of the built declarations, and every member of every type', () => {
  const used = namesIn('test/surface/surface.ts', (node) => ts.isIdentifier(node) || ts.isStringLiteral(node));
  const declared = namesIn('dist/index.d.ts', (node) => isNameOfDeclaration(node));
  expect(declared.size).toBeGreaterThan(300);
  expect([...declared].filter((name) => !used.has(name))).toEqual([]);
});

function namesIn(file: string, counts: (node: ts.Node) => boolean): Set<string> {
  const source = ts.createSourceFile(file, readFileSync(`${root}${file}`, 'utf8'), ts.ScriptTarget.ES2022, true);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (counts(node)) names.add((node as ts.Identifier | ts.StringLiteral).text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** Exported names, and the members of types and enumerations: not parameters, nor what is named for reading only. */
function isNameOfDeclaration(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isIdentifier(node) || !('name' in parent) || parent.name !== node) return false;
  return (
    ts.isFunctionDeclaration(parent) || ts.isVariableDeclaration(parent) || ts.isInterfaceDeclaration(parent) ||
    ts.isClassDeclaration(parent) || ts.isTypeAliasDeclaration(parent) || ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) || ts.isMethodSignature(parent) || ts.isEnumDeclaration(parent) || ts.isEnumMember(parent)
  );
}
