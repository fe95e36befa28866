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

/** The identifiers that a name or a pattern declares. */
function bindingsOf(ts: Ts, name: TypeScript.BindingName): TypeScript.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? bindingsOf(ts, element.name) : [],
  );
}

/** What a cell's code declares at its top level. */
export function collectDeclaredNames(ts: Ts, file: TypeScript.SourceFile): DeclaredNames {
  const variables: string[] = [];
  const exported: string[] = [];
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        variables.push(...bindingsOf(ts, name).map(({ text }) => text));
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

/** What compiled cells reach the kernel and modules by; tslab misspells all that begins with `__`. */
const RESERVED = /^(?:exports|require|__.*)$/;

/** Where a cell declares, at its top level, a name that it cannot have. */
export function findReservedNames(
  ts: Ts,
  source: string,
): { readonly name: string; readonly line: number; readonly column: number }[] {
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext);
  const reserved = file.statements
    .flatMap((statement) => declaredBy(ts, statement))
    .filter(({ text }) => RESERVED.test(text));
  return reserved.map((identifier) => {
    const { line, character } = file.getLineAndCharacterOfPosition(identifier.getStart(file));
    return { name: identifier.text, line: line + 1, column: character + 1 };
  });
}

function declaredBy(ts: Ts, statement: TypeScript.Statement): TypeScript.Identifier[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => bindingsOf(ts, name));
  }
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings } = statement.importClause ?? {};
    if (!namedBindings) return name ? [name] : [];
    const others = ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements;
    return [...(name ? [name] : []), ...others.map((other) => other.name)];
  }
  const { name } = statement as TypeScript.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name] : [];
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
