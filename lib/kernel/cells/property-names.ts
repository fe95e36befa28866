/**
 * Property names that tslab's converter gets wrong where it writes `exports.x` for the `x` of an
 * earlier cell: it overlooks shorthand properties, and takes names of properties for variables.
 */
import path from 'node:path';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import type { Ts } from './tslab';

/** What earlier cells declared, in tslab's program. */
const EARLIER_FILE = '__prev__.d.ts';

/**
 * Runs before tslab's own step:
 * - `{ seed }` becomes `{ seed: exports.seed }` where an earlier cell declared `seed`;
 * - in `const { gamma: g } = config`, with `config` of an earlier cell's interface, tslab would write
 *   `exports.gamma: g`. A name without a place in the source is nothing that it looks up.
 */
export function fixPropertyNames(
  ts: Ts,
  checker: TypeScript.TypeChecker,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const isEarlier = (node: TypeScript.ShorthandPropertyAssignment) =>
    (checker.getShorthandAssignmentValueSymbol(node)?.declarations ?? []).some(
      (declaration) => path.basename(declaration.getSourceFile().fileName) === EARLIER_FILE,
    );
  return (context) => {
    const { factory } = context;
    const nameLike = (name: TypeScript.Identifier) =>
      ts.setTextRange(factory.createIdentifier(name.text), name);

    const expand = (node: TypeScript.ShorthandPropertyAssignment): TypeScript.Node => {
      const { name, objectAssignmentInitializer } = node;
      const exported = factory.createIdentifier('exports');
      const value = ts.setTextRange(
        factory.createPropertyAccessExpression(exported, name.text),
        name,
      );
      const property = factory.createPropertyAssignment(
        name.text,
        objectAssignmentInitializer // `({ seed = 1 } = options)`
          ? factory.createAssignment(value, objectAssignmentInitializer)
          : value,
      );
      return ts.setTextRange(property, node);
    };

    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isShorthandPropertyAssignment(visited)) {
        const original = node as TypeScript.ShorthandPropertyAssignment;
        return isEarlier(original) ? expand(visited) : visited;
      }
      if (ts.isPropertyAssignment(visited) && ts.isIdentifier(visited.name)) {
        return factory.updatePropertyAssignment(
          visited,
          nameLike(visited.name),
          visited.initializer,
        );
      }
      const { propertyName } = visited as TypeScript.BindingElement;
      if (ts.isBindingElement(visited) && propertyName && ts.isIdentifier(propertyName)) {
        const { dotDotDotToken, name, initializer } = visited;
        return factory.updateBindingElement(
          visited,
          dotDotDotToken,
          nameLike(propertyName),
          name,
          initializer,
        );
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
