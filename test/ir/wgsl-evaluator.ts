// Evaluates the little WGSL that maps use, in f32: expressions, and functions of `let` statements and one `return`.

type Value = number | boolean;
type Names = Readonly<Record<string, Value>>;
interface WgslFunction {
  readonly parameters: readonly string[];
  readonly body: string;
}

const round = Math.fround;
const number = (value: Value | undefined): number => {
  if (typeof value !== 'number') throw new Error('a number was expected');
  return value;
};

/** What each builtin is in exact arithmetic; its result is rounded to f32. */
const BUILTINS: Readonly<Record<string, (...args: readonly Value[]) => Value>> = {
  abs: (a) => Math.abs(number(a)),
  exp: (a) => Math.exp(number(a)),
  log: (a) => Math.log(number(a)),
  sqrt: (a) => Math.sqrt(number(a)),
  inverseSqrt: (a) => 1 / Math.sqrt(number(a)),
  sin: (a) => Math.sin(number(a)),
  cos: (a) => Math.cos(number(a)),
  tanh: (a) => Math.tanh(number(a)),
  floor: (a) => Math.floor(number(a)),
  round: (a) => Math.round(number(a)),
  sign: (a) => Math.sign(number(a)),
  fract: (a) => number(a) - Math.floor(number(a)),
  atan2: (a, b) => Math.atan2(number(a), number(b)),
  pow: (a, b) => number(a) ** number(b),
  max: (a, b) => Math.max(number(a), number(b)),
  min: (a, b) => Math.min(number(a), number(b)),
  clamp: (a, low, high) => Math.min(Math.max(number(a), number(low)), number(high)),
  select: (no, yes, condition) => (condition === true ? yes! : no!),
};

const OPERATORS: Readonly<Record<string, readonly [level: number, (a: Value, b: Value) => Value]>> = {
  '||': [1, (a, b) => a === true || b === true],
  '&&': [2, (a, b) => a === true && b === true],
  '==': [3, (a, b) => a === b],
  '!=': [3, (a, b) => a !== b],
  '<': [3, (a, b) => a < b],
  '<=': [3, (a, b) => a <= b],
  '>': [3, (a, b) => a > b],
  '>=': [3, (a, b) => a >= b],
  '+': [4, (a, b) => number(a) + number(b)],
  '-': [4, (a, b) => number(a) - number(b)],
  '*': [5, (a, b) => number(a) * number(b)],
  '/': [5, (a, b) => number(a) / number(b)],
};

/** The value of an expression over `names`, with the functions given as WGSL text. */
export function evaluateWgsl(expression: string, names: Names, functions: readonly string[]): Value {
  const known = new Map(functions.map(parseFunction));
  return evaluateWith(expression, names, known);
}

function parseFunction(text: string): readonly [string, WgslFunction] {
  const match = /^fn (\w+)\(([^)]*)\) -> f32 \{\n([\s\S]*)\n\}$/.exec(text);
  if (match === null) throw new Error(`not a function of f32: ${text}`);
  const parameters = match[2]!.split(', ').map((parameter) => parameter.replace(': f32', ''));
  return [match[1]!, { parameters, body: match[3]! }];
}

function callFunction(
  { parameters, body }: WgslFunction,
  args: readonly Value[],
  functions: ReadonlyMap<string, WgslFunction>,
): Value {
  const names: Record<string, Value> = Object.fromEntries(parameters.map((name, i) => [name, args[i]!]));
  for (const statement of body.split(';').map((line) => line.trim())) {
    const binding = /^let (\w+) = ([\s\S]*)$/.exec(statement);
    if (binding !== null) names[binding[1]!] = evaluateWith(binding[2]!, names, functions);
    else if (statement.startsWith('return ')) return evaluateWith(statement.slice(7), names, functions);
  }
  throw new Error('a function without return');
}

function evaluateWith(text: string, names: Names, functions: ReadonlyMap<string, WgslFunction>): Value {
  const tokens = text.match(/\d+\.?\d*(?:e-?\d+)?|\w+|[<>=!]=|&&|\|\||[-+*/<>!(),]/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? '';
  const rounded = (value: Value): Value => (typeof value === 'number' ? round(value) : value);

  function primary(): Value {
    const token = take();
    if (token === '-') return -number(primary());
    if (token === '!') return primary() !== true;
    if (token === '(') {
      const value = binary(1);
      if (take() !== ')') throw new Error(`unclosed bracket in ${text}`);
      return value;
    }
    if (/^\d/.test(token)) return round(Number(token));
    return tokens[at] === '(' ? call(token) : (names[token] ?? unknown(token));
  }
  function unknown(token: string): never {
    throw new Error(`unknown '${token}' in ${text}`);
  }
  function call(name: string): Value {
    const args: Value[] = [];
    do {
      at++;
      args.push(binary(1));
    } while (tokens[at] === ',');
    if (take() !== ')') throw new Error(`unclosed call in ${text}`);
    const known = functions.get(name);
    const builtin = BUILTINS[name] ?? (known === undefined ? unknown(name) : undefined);
    return known === undefined ? rounded(builtin!(...args)) : callFunction(known, args, functions);
  }
  function binary(level: number): Value {
    let left = primary();
    for (;;) {
      const operator = OPERATORS[tokens[at] ?? ''];
      if (operator === undefined || operator[0] < level) return left;
      at++;
      left = rounded(operator[1](left, binary(operator[0] + 1)));
    }
  }

  const value = binary(1);
  if (at !== tokens.length) throw new Error(`'${tokens[at]}' is left over in ${text}`);
  return value;
}
