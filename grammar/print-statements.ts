// Statements of bodies as pieces for the printer.
import type {
  AxisStatement,
  ConstStatement,
  ExposeStatement,
  Expression,
  For,
  If,
  InputStatement,
  Name,
  NormInstances,
  PartStatement,
  RequireStatement,
  Scan,
  ScanState,
  Statement,
  WeightStatement,
} from './ast.ts';
import { bodyBlock } from './bodies.ts';
import { broken, concat, flat, type Doc } from './layout.ts';
import type { Piece } from './piece.ts';
import { printExpression, printShape } from './print-expressions.ts';
import { encodeString } from './strings.ts';

/** Any statement of a mixer, block or function. */
export function printStatement(statement: Statement): Piece {
  switch (statement.kind) {
    case 'axis':
      return printAxis(statement);
    case 'input':
      return printInput(statement);
    case 'weight':
      return printWeight(statement);
    case 'part':
      return printPart(statement);
    case 'const':
      return printConst(statement);
    case 'expose':
      return printExpose(statement);
    case 'norms':
      return printNorms(statement);
    case 'assignment':
      return {
        span: statement.span,
        align: 'assignment',
        head: `${names(statement.names)} `,
        tail: concat(['= ', printValues(statement.names, statement.value), inDtype(statement.dtype)]),
      };
    case 'scan':
      return printScan(statement);
    case 'for':
      return printFor(statement);
    case 'if':
      return printIf(statement);
    case 'require':
      return printRequire(statement);
    case 'return':
      return { span: statement.span, head: 'return ', tail: printExpression(statement.value) };
  }
}

export function printAxis({ axes, span }: AxisStatement): Piece {
  return { span, head: 'axis ', tail: commas(axes.map(({ name, value }) => named(name, value))) };
}

export function printWeight(weight: WeightStatement): Piece {
  const { span, per, from, to, bias, perSite, dtype } = weight;
  const parts: Doc[] = [': ', ...per.map((axis) => `per ${axis.text}, `)];
  if (from !== undefined) parts.push(printShape(from), broken(' '), '-> ');
  parts.push(printShape(to));
  if (bias !== undefined) parts.push(', bias');
  if (bias !== undefined && bias !== true) parts.push(' if ', printExpression(bias));
  if (perSite) parts.push(', per site');
  parts.push(inDtype(dtype));
  return { span, align: 'weight', head: `weight ${names(weight.names)} `, tail: concat(parts) };
}

export function printConst({ span, names: all, value, dtype }: ConstStatement): Piece {
  const tail = concat(['= ', printValues(all, value), inDtype(dtype)]);
  return { span, align: 'const', head: `const ${names(all)} `, tail };
}

export function printRequire({ span, isExpected, condition, message }: RequireStatement): Piece {
  const head = isExpected ? 'expect ' : 'require ';
  return { span, head, tail: commas([printExpression(condition), encodeString(message.value)]) };
}

function printInput({ span, inputs }: InputStatement): Piece {
  const bindings = inputs.map(({ name, shape, default: value }) => {
    const typed: Doc[] = [`${name.text} : `, printShape(shape)];
    return concat(value === undefined ? typed : [...typed, ' = ', printExpression(value)]);
  });
  return { span, head: 'input ', tail: commas(bindings) };
}

function printPart({ span, parts }: PartStatement): Piece {
  const bindings = parts.map(({ name, value, per }) =>
    concat([named(name, value), per === undefined ? '' : ` per ${per.text}`]),
  );
  return { span, head: 'part ', tail: commas(bindings) };
}

function printExpose({ span, exposed }: ExposeStatement): Piece {
  const bindings = exposed.map(({ name, value }) => (value === undefined ? name.text : named(name, value)));
  return { span, head: 'expose ', tail: commas(bindings) };
}

function printNorms({ span, norms }: NormInstances): Piece {
  const bindings = norms.map(({ name, shape }) =>
    shape === undefined ? name.text : concat([`${name.text} : `, printShape(shape)]),
  );
  return { span, head: 'norm ', tail: commas(bindings) };
}

function printScan({ span, states, scaledBy, dtype, body }: Scan): Piece {
  const scaled = scaledBy === undefined ? '' : concat([' scaled by ', printState(scaledBy)]);
  const tail = concat([commas(states.map(printState)), scaled, inDtype(dtype), ' ']);
  return { span, head: 'scan ', tail, blocks: [bodyBlock('', body.map(printStatement), span)] };
}

function printState({ name, axes, initial }: ScanState): Doc {
  const indexed = axes.length === 0 ? name.text : `${name.text}[${names(axes)}]`;
  return initial === undefined ? indexed : concat([`${indexed} = `, printExpression(initial)]);
}

function printFor({ span, name, from, to, body }: For): Piece {
  const dots = isShort(from) && isShort(to) ? '..' : ' .. ';
  const tail = concat([printExpression(from), dots, printExpression(to), ' ']);
  return {
    span,
    head: `for ${name.text} in `,
    tail,
    blocks: [bodyBlock('', body.map(printStatement), span)],
  };
}

function printIf(statement: If): Piece {
  const { span, condition, then } = statement;
  const otherwise = statement.else;
  const tail = concat([printExpression(condition), ' ']);
  if (otherwise === undefined) {
    return { span, head: 'if ', tail, blocks: [bodyBlock('', then.map(printStatement), span)] };
  }
  const first = bodyBlock('', then.map(printStatement), span, condition.span.end);
  const [only, ...others] = otherwise;
  if (only?.kind !== 'if' || others.length > 0) {
    return {
      span,
      head: 'if ',
      tail,
      blocks: [first, bodyBlock('else ', otherwise.map(printStatement), span, first.end + 1)],
    };
  }
  const chained = printIf(only);
  const [next, ...rest] = chained.blocks ?? [];
  if (next === undefined) return { span, head: 'if ', tail, blocks: [first] };
  const lead = flat(concat(['else if ', chained.tail]));
  return { span, head: 'if ', tail, blocks: [first, { ...next, lead }, ...rest] };
}

function isShort(expression: Expression): boolean {
  if (expression.kind === 'member') return isShort(expression.of);
  return expression.kind === 'number' || expression.kind === 'reference';
}

// -------------------------------------------------------------------------------------------- helpers

export function names(all: readonly Name[]): string {
  return all.map((name) => name.text).join(', ');
}

export function named(name: Name, value: Expression): Doc {
  return concat([`${name.text} = `, printExpression(value)]);
}

/** `a, b`, broken behind a comma where the line is too long. */
export function commas(docs: readonly Doc[]): Doc {
  return concat(docs.flatMap((doc, index) => (index === 0 ? [doc] : [',', broken(' '), doc])));
}

/** As many values as names stand without their brackets. */
function printValues(all: readonly Name[], value: Expression): Doc {
  const isRow = all.length > 1 && value.kind === 'list' && value.items.length > 1;
  return isRow ? commas(value.items.map(printExpression)) : printExpression(value);
}

function inDtype(dtype: string | undefined): string {
  return dtype === undefined ? '' : ` in ${dtype}`;
}
