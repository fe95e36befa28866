/**
 * Rewrites a cell's JavaScript: notes which names it declares, lets each loop look for an interrupt
 * and calls earlier cells' functions as functions. Works on the syntax tree, so source maps stay true.
 */
import type * as TypeScript from '@tslab/typescript-for-tslab';
import type { Ts } from './tslab';

/** The name under which a cell's code reaches the kernel. */
export const CELL_VARIABLE = '__cell';

export interface DeclaredNames {
  /** Variables, functions and classes: real bindings in the cell's scope. */
  readonly variables: readonly string[];
  /** All that later cells can use, imports included. */
  readonly exported: readonly string[];
}

function collectBindings(ts: Ts, name: TypeScript.BindingName, names: string[]): void {
  if (ts.isIdentifier(name)) {
    names.push(name.text);
    return;
  }
  for (const element of name.elements) {
    if (ts.isBindingElement(element)) collectBindings(ts, element.name, names);
  }
}

/** What a cell's code declares at its top level. */
export function collectDeclaredNames(ts: Ts, file: TypeScript.SourceFile): DeclaredNames {
  const variables: string[] = [];
  const exported: string[] = [];
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        collectBindings(ts, name, variables);
      }
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name) variables.push(statement.name.text);
    } else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause && ts.isNamedExports(clause)) {
        for (const { name } of clause.elements) exported.push(name.text);
      }
    }
  }
  return { variables: variables.filter((name) => exported.includes(name)), exported };
}

/**
 * Blanks the `export` of declarations, as code that comes from a module has it: all that a cell
 * declares is exported anyway, and the compiler takes it twice as a mistake. Places stay the same.
 */
export function blankExports(ts: Ts, source: string): string {
  if (!source.includes('export')) return source;
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext);
  let blanked = source;
  for (const statement of file.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    const [first, second] = modifiers ?? [];
    if (first?.kind !== ts.SyntaxKind.ExportKeyword) continue;
    if (second?.kind === ts.SyntaxKind.DefaultKeyword) continue;
    const blank = ' '.repeat('export'.length);
    blanked = blanked.slice(0, first.end - blank.length) + blank + blanked.slice(first.end);
  }
  return blanked;
}

/** `exports.f(x)`, tslab's form of a call of an earlier cell's `f`, would make `exports` its `this`. */
function isCallOfEarlier(ts: Ts, node: TypeScript.Node): node is TypeScript.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    ts.isIdentifier(node.expression.expression) &&
    node.expression.expression.text === 'exports'
  );
}

/** Puts `__cell.check();` at the start of each loop's body and `(0, exports.f)(x)` for calls. */
export function rewriteCell(
  ts: Ts,
  file: TypeScript.SourceFile,
  context: TypeScript.TransformationContext,
): TypeScript.SourceFile {
  const { factory } = context;
  const guarded = (body: TypeScript.Statement) => {
    const check = factory.createExpressionStatement(
      factory.createCallExpression(
        factory.createPropertyAccessExpression(factory.createIdentifier(CELL_VARIABLE), 'check'),
        undefined,
        [],
      ),
    );
    return factory.createBlock([check, body], true);
  };
  const visit = (node: TypeScript.Node): TypeScript.Node => {
    const visited = ts.visitEachChild(node, visit, context);
    if (isCallOfEarlier(ts, visited)) {
      // V8 places such a call at its `(`: without a mapping there it is found at the name.
      ts.setEmitFlags(visited.expression, ts.EmitFlags.NoTrailingSourceMap);
      ts.setEmitFlags(
        (visited.expression as TypeScript.PropertyAccessExpression).name,
        ts.EmitFlags.NoTrailingSourceMap,
      );
      const callee = factory.createParenthesizedExpression(
        factory.createComma(factory.createNumericLiteral(0), visited.expression),
      );
      return factory.updateCallExpression(
        visited,
        callee,
        visited.typeArguments,
        visited.arguments,
      );
    }
    if (ts.isWhileStatement(visited)) {
      return factory.updateWhileStatement(visited, visited.expression, guarded(visited.statement));
    }
    if (ts.isDoStatement(visited)) {
      return factory.updateDoStatement(visited, guarded(visited.statement), visited.expression);
    }
    if (ts.isForStatement(visited)) {
      const { initializer, condition, incrementor } = visited;
      const body = guarded(visited.statement);
      return factory.updateForStatement(visited, initializer, condition, incrementor, body);
    }
    if (ts.isForOfStatement(visited)) {
      const { awaitModifier, initializer, expression } = visited;
      const body = guarded(visited.statement);
      return factory.updateForOfStatement(visited, awaitModifier, initializer, expression, body);
    }
    if (ts.isForInStatement(visited)) {
      const { initializer, expression } = visited;
      return factory.updateForInStatement(
        visited,
        initializer,
        expression,
        guarded(visited.statement),
      );
    }
    return visited;
  };
  return ts.visitEachChild(file, visit, context);
}
