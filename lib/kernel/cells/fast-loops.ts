/**
 * Lets loops at a cell's top level run as fast as in a file. A cell's variables are seen by other cells,
 * so V8 keeps them in memory, numbers in boxes: ten times slower in `for (...) sum += i`. A loop that
 * calls nothing works on copies, which nobody can tell: `{ let c = sum; try { for (...) c += i }
 * finally { sum = c } }`. Only an Interrupt can: the variables then have their values from before the
 * loop. So loops without a condition, which end in no other way, are left as they are.
 */
import type { Ts, TypeScript } from './typescript';

type Loop = TypeScript.ForStatement | TypeScript.WhileStatement | TypeScript.DoStatement;

interface Names {
  /** Of variables that the loop assigns to. */
  readonly assigned: Set<string>;
  /** Declared inside of the loop. */
  readonly declared: Set<string>;
}

export interface FastLoopsOptions {
  readonly context: TypeScript.TransformationContext;
  /** What no name in the cell begins with. */
  readonly prefix: string;
}

/** The statements of a cell's top level with loops on copies. */
export function speedUpLoops(
  ts: Ts,
  statements: readonly TypeScript.Statement[],
  options: FastLoopsOptions,
): TypeScript.Statement[] {
  const variables = new Set<string>();
  return statements.map((statement) => {
    if (ts.isVariableStatement(statement)) {
      const { declarations, flags } = statement.declarationList;
      if (flags & ts.NodeFlags.Const) return statement;
      for (const { name } of declarations) if (ts.isIdentifier(name)) variables.add(name.text);
      return statement;
    }
    if (!isBoundedLoop(ts, statement)) return statement;
    const names: Names = { assigned: new Set(), declared: new Set() };
    if (!collectNames(ts, statement, names)) return statement;
    const copied = [...names.assigned].filter((name) => variables.has(name));
    if (copied.length === 0 || copied.some((name) => names.declared.has(name))) return statement;
    return copyAround(ts, statement, { ...options, copied });
  });
}

function isBoundedLoop(ts: Ts, node: TypeScript.Statement): node is Loop {
  const isCondition = (test: TypeScript.Expression | undefined) =>
    test !== undefined && test.kind !== ts.SyntaxKind.TrueKeyword && !ts.isLiteralExpression(test);
  if (ts.isForStatement(node)) return isCondition(node.condition);
  return (ts.isWhileStatement(node) || ts.isDoStatement(node)) && isCondition(node.expression);
}

/** False for code that may run other code, which could look at the variables. */
function collectNames(ts: Ts, node: TypeScript.Node, names: Names): boolean {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isShorthandPropertyAssignment(node)) {
    return false;
  }
  if (ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) return false;
  if (ts.isAwaitExpression(node) || ts.isForOfStatement(node)) return false;
  if (ts.isCallExpression(node) && !isMath(ts, node.expression)) return false;
  if (ts.isVariableDeclaration(node) || ts.isBindingElement(node)) {
    if (!ts.isIdentifier(node.name)) return false;
    names.declared.add(node.name.text);
  }
  const target = assignedBy(ts, node);
  if (target && ts.isIdentifier(target)) names.assigned.add(target.text);
  else if (
    target &&
    !ts.isPropertyAccessExpression(target) &&
    !ts.isElementAccessExpression(target)
  ) {
    return false; // a pattern
  }
  return ts.forEachChild(node, (child) => !collectNames(ts, child, names)) !== true;
}

function isMath(ts: Ts, callee: TypeScript.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    callee.expression.text === 'Math'
  );
}

function assignedBy(ts: Ts, node: TypeScript.Node): TypeScript.Expression | undefined {
  const { FirstAssignment, LastAssignment, PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= FirstAssignment && kind <= LastAssignment ? node.left : undefined;
  }
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return undefined;
  const changes = node.operator === PlusPlusToken || node.operator === MinusMinusToken;
  return changes ? node.operand : undefined;
}

function copyAround(
  ts: Ts,
  loop: Loop,
  { context, prefix, copied }: FastLoopsOptions & { readonly copied: readonly string[] },
): TypeScript.Statement {
  const { factory } = context;
  const copyOf = (name: string) => factory.createIdentifier(`${prefix}${name}`);
  const rename = (node: TypeScript.Node): TypeScript.Node => {
    if (ts.isIdentifier(node)) {
      return copied.includes(node.text) ? ts.setTextRange(copyOf(node.text), node) : node;
    }
    if (ts.isPropertyAccessExpression(node)) {
      const object = ts.visitNode(node.expression, rename) as TypeScript.Expression;
      return factory.updatePropertyAccessExpression(node, object, node.name);
    }
    if (ts.isPropertyAssignment(node) && !ts.isComputedPropertyName(node.name)) {
      const value = ts.visitNode(node.initializer, rename) as TypeScript.Expression;
      return factory.updatePropertyAssignment(node, node.name, value);
    }
    return ts.visitEachChild(node, rename, context);
  };
  const renamed = ts.visitEachChild(loop, rename, context);
  const copies = copied.map((name) =>
    factory.createVariableDeclaration(
      ...([copyOf(name), undefined, undefined, factory.createIdentifier(name)] as const),
    ),
  );
  const back = copied.map((name) =>
    factory.createExpressionStatement(
      factory.createAssignment(factory.createIdentifier(name), copyOf(name)),
    ),
  );
  return factory.createBlock([
    factory.createVariableStatement(
      undefined,
      factory.createVariableDeclarationList(copies, ts.NodeFlags.Let),
    ),
    factory.createTryStatement(
      factory.createBlock([renamed]),
      undefined,
      factory.createBlock(back),
    ),
  ]);
}
