// Stripes as text.
import type { Expression, Stripe, StripeCase, StripeIf } from './ast.ts';
import { broken, concat, group, steps, type Doc } from './layout.ts';
import { printExpression } from './print-expressions.ts';
import { encodeString } from './strings.ts';

/** A whole stripe: a list needs no parentheses here, and a single repetition has room. */
export function printStripe(stripe: Stripe): Doc {
  if (stripe.kind === 'stripeRepeat')
    return concat([printMember(stripe.of), ' × ', printCount(stripe.count)]);
  if (stripe.kind !== 'stripeList') return printLayer(stripe);
  return concat(
    stripe.items.flatMap((item, index) =>
      index === 0 ? [printLayer(item)] : [',', broken(' '), printLayer(item)],
    ),
  );
}

/** One item of a list: a list in it stands in parentheses. */
function printLayer(stripe: Stripe): Doc {
  if (stripe.kind !== 'stripeParallel') return printItem(stripe);
  return concat(
    stripe.items.flatMap((item, index) =>
      index === 0 ? [printMember(item)] : [broken(' & '), printMember(item)],
    ),
  );
}

/** A member of `&`: another `&`, or an `if`, whose end would be unclear, stands in parentheses. */
function printMember(stripe: Stripe): Doc {
  return isOpen(stripe) ? bracketed(stripe) : printItem(stripe);
}

function printItem(stripe: Stripe): Doc {
  switch (stripe.kind) {
    case 'stripeLetter':
      return stripe.name.text;
    case 'stripeRepeat':
      return concat([printMember(stripe.of), '×', printCount(stripe.count)]);
    case 'stripeIf':
      return steps(chain(stripe, 'if '));
    case 'stripeFrom':
      return concat(['from ', printExpression(stripe.list), ' ', printCases(stripe.cases)]);
    case 'stripePattern':
      return concat(['pattern ', printExpression(stripe.pattern), ' ', printCases(stripe.cases)]);
    case 'stripeLayers':
      return concat([
        'from layers(',
        printExpression(stripe.count),
        ') ',
        group('{ ', [printStripe(stripe.body)], ' }'),
      ]);
    case 'stripeList':
    case 'stripeParallel':
      return bracketed(stripe);
  }
}

/** The parts of `if a then A else if b then B else C`, each on a line where one line is too short. */
function chain({ condition, then, else: otherwise }: StripeIf, lead: string): readonly Doc[] {
  const first = concat([lead, printCondition(condition)]);
  const second = concat(['then ', then.kind === 'stripeIf' ? bracketed(then) : printLayer(then)]);
  if (otherwise.kind === 'stripeIf') return [first, second, ...chain(otherwise, 'else if ')];
  return [first, second, concat(['else ', printLayer(otherwise)])];
}

/** A conditional as a condition would be hard to read without parentheses. */
function printCondition(condition: Expression): Doc {
  const printed = printExpression(condition);
  return condition.kind === 'conditional' ? concat(['(', printed, ')']) : printed;
}

function bracketed(stripe: Stripe): Doc {
  const items = stripe.kind === 'stripeList' ? stripe.items.map(printLayer) : [printLayer(stripe)];
  return group('(', items, ')');
}

function isOpen(stripe: Stripe): boolean {
  return stripe.kind === 'stripeParallel' || stripe.kind === 'stripeIf';
}

function printCases(cases: readonly StripeCase[]): Doc {
  const items = cases.map(({ key, stripe }) => concat([`${encodeString(key)}: `, printLayer(stripe)]));
  return items.length === 0 ? '{ }' : group('{ ', items, ' }');
}

/** A number or a dotted name stands as it is, anything else in parentheses. */
function printCount(count: Expression): Doc {
  const printed = printExpression(count);
  return isPlain(count) ? printed : concat(['(', printed, ')']);
}

function isPlain(count: Expression): boolean {
  if (count.kind === 'member') return isPlain(count.of) && count.of.kind !== 'number';
  return count.kind === 'number' || count.kind === 'reference';
}
