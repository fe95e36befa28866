/**
 * Lets loops at a cell's top level run as fast as in a file. Other cells see a cell's variables, so V8
 * keeps them in memory, numbers in boxes: ten times slower in `for (...) sum += i`. Those of another cell
 * may have a getter and a setter: a hundred times slower. A loop that does nothing but arithmetic works on copies:
 *
 *     if (values are primitive, lists are typed arrays, Math is untouched) {
 *       let copy = +sum, turn = 0;
 *       try {
 *         for (let i = 0; i < n; i++, (turn = (turn + 1) & 0xffff) === 0 && (sum = copy)) copy += i;
 *       } finally { sum = copy; }
 *     } else for (let i = 0; i < n; i++) sum += i;
 *
 * Under that condition no other code can run inside of the loop, so nobody sees that `sum` lags behind.
 * An Interrupt, which skips `finally`, leaves the values of at most 65,536 turns earlier.
 */
import { bindingsOf } from './declared-names';
import type { Ts, TypeScript } from './typescript';

type Loop = TypeScript.ForStatement | TypeScript.WhileStatement | TypeScript.DoStatement;

/** Turns of a loop between two moments in which the copies are written back, less 1. */
const TURNS = 0xffff;

/** Names from outside of a loop. */
interface Names {
  /** Names that are read or assigned. */
  readonly values: Set<string>;
  readonly assigned: Set<string>;
  /** Names that are assigned, and numbers by their type. */
  readonly numbers: Set<string>;
  /** Names that are used as `list[i]` or `list.length`. */
  readonly lists: Set<string>;
  usesMath: boolean;
}

/** What the rewritten code asks the kernel before it enters a loop. */
export interface LoopGuard {
  readonly values: readonly unknown[];
  readonly numbers: readonly unknown[];
  readonly lists: readonly unknown[];
  readonly math?: unknown;
}

const MATH = { ...Object.getOwnPropertyDescriptors(Math) };

/** Whether arithmetic on these, and on the lists' elements, runs no other code; false if one has no value yet. */
export function isArithmetic(read: () => LoopGuard): boolean {
  try {
    return isGuarded(read());
  } catch {
    return false; // the loop will say so, if it comes to that name
  }
}

function isGuarded({ values, numbers, lists, math }: LoopGuard): boolean {
  const isPrimitive = (value: unknown) =>
    value === null || !/^(object|function)$/.test(typeof value);
  const isTypedArray = (list: unknown) => ArrayBuffer.isView(list) && !(list instanceof DataView);
  const isUntouched = () =>
    math === Math &&
    Object.entries(MATH).every(([name, { value }]) => Reflect.get(Math, name) === value);
  return (
    values.every(isPrimitive) &&
    numbers.every((value) => typeof value === 'number') &&
    lists.every(isTypedArray) &&
    (math === undefined || isUntouched())
  );
}

export interface FastLoopsOptions {
  readonly context: TypeScript.TransformationContext;
  /** A text that no name in the cell begins with. */
  readonly prefix: string;
  /** Whether a name has the type of a number. */
  readonly isNumber: (name: TypeScript.Identifier) => boolean;
  /** Whether another cell declared a name. */
  readonly isShared: (name: string) => boolean;
  /** The code for `isArithmetic`. */
  readonly guard: TypeScript.Expression;
}

/** The statements of a cell's top level with loops on copies. */
export function speedUpLoops(
  ts: Ts,
  statements: readonly TypeScript.Statement[],
  options: FastLoopsOptions,
): TypeScript.Statement[] {
  const variables = new Set<string>();
  /** Reading one of these before its statement is an error that must come where it is read. */
  const later = new Set(statements.flatMap((statement) => declaredBy(ts, statement)));
  return statements.map((statement) => {
    const declared = declaredBy(ts, statement);
    for (const name of declared) later.delete(name);
    if (ts.isVariableStatement(statement)) {
      const isConst = statement.declarationList.flags & ts.NodeFlags.Const;
      if (!isConst) for (const name of declared) variables.add(name);
      return statement;
    }
    if (!isLoop(ts, statement)) return statement;
    const { names, isArithmetic: isFit } = new LoopReader(ts, options.isNumber).read(statement);
    const { assigned, values, lists } = names;
    const isKnown = [...values, ...lists].every((name) => !later.has(name));
    const { isShared } = options;
    const isOurs = [...assigned].every((name) => variables.has(name) || isShared(name));
    const copied = [...assigned, ...[...values, ...lists].filter(isShared)];
    if (!isFit || !isKnown || !isOurs || copied.length === 0) return statement;
    return copyAround(ts, statement, { names, copied, ...options });
  });
}

function declaredBy(ts: Ts, statement: TypeScript.Statement): string[] {
  if (ts.isClassDeclaration(statement)) return statement.name ? [statement.name.text] : [];
  if (!ts.isVariableStatement(statement)) return [];
  const { declarations } = statement.declarationList;
  return declarations.flatMap(({ name }) => bindingsOf(ts, name));
}

function isLoop(ts: Ts, node: TypeScript.Node): node is Loop {
  return ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node);
}

/** Finds the names of a loop, and whether it does nothing but arithmetic. */
class LoopReader {
  private readonly ts: Ts;
  private readonly isNumber: FastLoopsOptions['isNumber'];
  private readonly names: Names = {
    ...{ values: new Set(), assigned: new Set(), numbers: new Set() },
    ...{ lists: new Set(), usesMath: false },
  };
  private readonly declared = new Set<string>();
  /** The loop's own names where the reader is. */
  private own: ReadonlySet<string> = new Set();

  constructor(ts: Ts, isNumber: FastLoopsOptions['isNumber']) {
    this.ts = ts;
    this.isNumber = isNumber;
  }

  read(loop: Loop): { names: Names; isArithmetic: boolean } {
    const isPlain = this.isPlain(loop);
    const { assigned, lists, values } = this.names;
    const isCopyHidden = [...assigned].some((name) => this.declared.has(name));
    const isTwofold = [...lists].some((name) => values.has(name) || assigned.has(name));
    return { names: this.names, isArithmetic: isPlain && !isCopyHidden && !isTwofold };
  }

  /** Whether a node can run no other code; false also for what is not known here. */
  private isPlain(node: TypeScript.Node): boolean {
    const { ts } = this;
    if (ts.isIdentifier(node)) return this.use(node, this.names.values);
    if (isLoop(ts, node) && !isBounded(ts, node)) return false;
    if (ts.isBlock(node) || ts.isForStatement(node)) return this.inScope(node);
    if (ts.isElementAccessExpression(node)) {
      return this.isList(node.expression) && this.isPlain(node.argumentExpression);
    }
    if (ts.isPropertyAccessExpression(node)) {
      return node.name.text === 'length' && this.isList(node.expression);
    }
    if (ts.isCallExpression(node)) {
      return this.isMath(node.expression) && node.arguments.every((each) => this.isPlain(each));
    }
    const target = assignedBy(ts, node);
    if (target && ts.isIdentifier(target)) {
      this.use(target, this.names.assigned);
      if (this.isNumber(target)) this.use(target, this.names.numbers);
    } else if (target && !ts.isElementAccessExpression(target)) return false;
    if (!isArithmeticNode(ts, node)) return false;
    return ts.forEachChild(node, (child) => !this.isPlain(child)) !== true;
  }

  private inScope(node: TypeScript.Block | TypeScript.ForStatement): boolean {
    const { ts, own } = this;
    const statements = ts.isBlock(node) ? node.statements : [];
    const lists = statements.flatMap((each) =>
      ts.isVariableStatement(each) ? [each.declarationList] : [],
    );
    const { initializer } = node as TypeScript.ForStatement;
    if (initializer && ts.isVariableDeclarationList(initializer)) lists.push(initializer);
    if (lists.some(({ flags }) => !(flags & ts.NodeFlags.BlockScoped))) return false; // var
    const names = lists.flatMap((list) =>
      list.declarations.flatMap(({ name }) => bindingsOf(ts, name)),
    );
    for (const name of names) this.declared.add(name);
    this.own = new Set([...own, ...names]);
    const isPlain = ts.forEachChild(node, (child) => !this.isPlain(child)) !== true;
    this.own = own;
    return isPlain;
  }

  private use({ text }: TypeScript.Identifier, names: Set<string>): true {
    if (!this.own.has(text)) names.add(text);
    return true;
  }

  private isList(expression: TypeScript.Expression): boolean {
    const node = this.ts.skipPartiallyEmittedExpressions(expression);
    const isName = this.ts.isIdentifier(node) && !this.own.has(node.text);
    return isName && this.use(node, this.names.lists);
  }

  private isMath(callee: TypeScript.Expression): boolean {
    const { ts, own } = this;
    if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.expression)) return false;
    const isMath = callee.expression.text === 'Math' && !own.has('Math');
    if (isMath) this.names.usesMath = true;
    return isMath;
  }
}

/** Endless loops end by an Interrupt only. */
function isBounded(ts: Ts, loop: Loop): boolean {
  const test = ts.isForStatement(loop) ? loop.condition : loop.expression;
  return (
    test !== undefined && test.kind !== ts.SyntaxKind.TrueKeyword && !ts.isLiteralExpression(test)
  );
}

function isArithmeticNode(ts: Ts, node: TypeScript.Node): boolean {
  const { SyntaxKind: Kind } = ts;
  const objects: number[] = [Kind.ThisKeyword, Kind.RegularExpressionLiteral, Kind.ImportKeyword];
  if (ts.isToken(node)) return !objects.includes(node.kind);
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind !== Kind.InKeyword && kind !== Kind.InstanceOfKeyword;
  }
  if (ts.isVariableDeclaration(node)) return ts.isIdentifier(node.name);
  return [
    ...[ts.isWhileStatement, ts.isDoStatement, ts.isIfStatement, ts.isExpressionStatement],
    ...[ts.isVariableStatement, ts.isVariableDeclarationList, ts.isParenthesizedExpression],
    ...[ts.isConditionalExpression, ts.isPrefixUnaryExpression, ts.isPostfixUnaryExpression],
    ...[ts.isBreakStatement, ts.isContinueStatement, ts.isEmptyStatement],
    ts.isPartiallyEmittedExpression, // what is left of `value!` and `value as number`
  ].some((isKind) => isKind(node));
}

/** The target of an assignment; undefined for other nodes. */
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

interface CopyOptions extends FastLoopsOptions {
  readonly names: Names;
  /** Names that get a copy: those that are assigned, and those of another cell. */
  readonly copied: readonly string[];
}

function copyAround(ts: Ts, loop: Loop, options: CopyOptions): TypeScript.Statement {
  const { context, prefix, guard, names, copied } = options;
  const { factory } = context;
  const { createIdentifier: id, createVariableDeclaration: declare } = factory;
  const copies = new Map(copied.map((name) => [name, `${prefix}${name}`]));
  /** V8 keeps a copy without a box only where it knows from the first value that it is a number. */
  const plus = (value: TypeScript.Expression) =>
    factory.createPrefixUnaryExpression(ts.SyntaxKind.PlusToken, value);
  const turn = prefix; // no copy has this name, as no name is empty
  const write = () =>
    [...names.assigned].map((name) => factory.createAssignment(id(name), id(copies.get(name)!)));
  const variables = [...copies].map(([name, copy]) =>
    declare(copy, undefined, undefined, names.numbers.has(name) ? plus(id(name)) : id(name)),
  );
  variables.push(declare(turn, undefined, undefined, factory.createNumericLiteral(0)));
  const fast = factory.createBlock([
    factory.createVariableStatement(
      undefined,
      factory.createVariableDeclarationList(variables, ts.NodeFlags.Let),
    ),
    factory.createTryStatement(
      factory.createBlock([onCopies(ts, loop, { context, copies, turn, write })]),
      undefined,
      factory.createBlock(write().map((each) => factory.createExpressionStatement(each))),
    ),
  ]);
  const list = (of: Iterable<string>) =>
    factory.createArrayLiteralExpression([...of].map((name) => id(name)));
  const question = factory.createObjectLiteralExpression([
    factory.createPropertyAssignment('values', list(new Set([...names.values, ...names.assigned]))),
    factory.createPropertyAssignment('numbers', list(names.numbers)),
    factory.createPropertyAssignment('lists', list(names.lists)),
    ...(names.usesMath ? [factory.createPropertyAssignment('math', id('Math'))] : []),
  ]);
  return factory.createIfStatement(
    factory.createCallExpression(guard, undefined, [thunk(factory, question)]),
    fast,
    loop,
  );
}

/** `() => (value)` */
function thunk(
  factory: TypeScript.NodeFactory,
  value: TypeScript.Expression,
): TypeScript.ArrowFunction {
  const body = factory.createParenthesizedExpression(value);
  return factory.createArrowFunction(undefined, undefined, [], undefined, undefined, body);
}

interface Copies {
  readonly context: TypeScript.TransformationContext;
  /** Names of variables and of their copies. */
  readonly copies: ReadonlyMap<string, string>;
  /** The name of the counter of turns. */
  readonly turn: string;
  /** Assigns the copies to the variables. */
  readonly write: () => TypeScript.Expression[];
}

/** The loop with other names, which writes the copies back now and then. */
function onCopies(
  ts: Ts,
  loop: Loop,
  { context, copies, turn, write }: Copies,
): TypeScript.Statement {
  const { factory } = context;
  /** `(turn = (turn + 1) & TURNS) === 0 && (sum = copy)`: before the body it is 4 times slower. */
  const count = () => {
    const next = factory.createAdd(factory.createIdentifier(turn), factory.createNumericLiteral(1));
    const wrapped = factory.createBitwiseAnd(next, factory.createNumericLiteral(TURNS));
    const counting = factory.createAssignment(factory.createIdentifier(turn), wrapped);
    const [first, ...others] = write();
    if (!first) return counting; // nothing to write back
    const isDue = factory.createStrictEquality(counting, factory.createNumericLiteral(0));
    const writing = others.reduce((all, each) => factory.createComma(all, each), first);
    return factory.createLogicalAnd(isDue, writing);
  };
  const rewrite = (node: TypeScript.Node): TypeScript.Node => {
    if (ts.isIdentifier(node)) {
      const copy = copies.get(node.text);
      return copy ? ts.setTextRange(factory.createIdentifier(copy), node) : node;
    }
    if (ts.isPropertyAccessExpression(node)) {
      const owner = rewrite(node.expression) as TypeScript.Expression; // a list or Math
      return factory.updatePropertyAccessExpression(node, owner, node.name);
    }
    const renamed = ts.visitEachChild(node, rewrite, context);
    if (ts.isDoStatement(renamed)) {
      const condition = factory.createComma(count(), renamed.expression);
      return factory.updateDoStatement(renamed, renamed.statement, condition);
    }
    if (ts.isWhileStatement(renamed)) {
      const parts = [undefined, renamed.expression, count(), renamed.statement] as const;
      return ts.setTextRange(factory.createForStatement(...parts), renamed);
    }
    if (!ts.isForStatement(renamed)) return renamed;
    const { initializer, condition, incrementor, statement } = renamed;
    const last = incrementor ? factory.createComma(incrementor, count()) : count();
    return factory.updateForStatement(
      renamed,
      ...([initializer, condition, last, statement] as const),
    );
  };
  return rewrite(loop) as TypeScript.Statement;
}
