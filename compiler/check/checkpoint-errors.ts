// The messages of the checkpoint mapping and of the check against a weight file's header.
import type { Diagnostic, Span } from '../../grammar/source.ts';
import { suggest } from './constant-errors.ts';
import type { PatternProblem } from './name-pattern.ts';
import type { LayoutProblem } from './stored-shape.ts';

function error(code: string, span: Span, message: string, help: readonly string[] = []): Diagnostic {
  return {
    severity: 'error',
    code,
    message,
    primary: { span, text: '' },
    ...(help.length > 0 && { help }),
  };
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ');
}

export function unknownSubject(
  span: Span,
  name: string,
  where: string | undefined,
  names: readonly string[],
): Diagnostic {
  const place = where === undefined ? 'the model' : `\`${where}\``;
  return error('unknown_weight', span, `There is no letter, part or weight \`${name}\` in ${place}.`, [
    ...suggest(name, names),
    names.length > 0 && names.length <= 24
      ? `there are ${list(names)}`
      : 'a line names a letter, a part or weight of its mixer, `embed`, `final_norm` or `head`',
  ]);
}

export function unknownLabel(span: Span, name: string, names: readonly string[]): Diagnostic {
  return error('unknown_label', span, `The label \`${name}\` is no weight of this letter.`, [
    ...suggest(name, names),
    'without a name at the head of the line, the labels are the names of the weights',
  ]);
}

export function layerLineTwice(span: Span, first: Span): Diagnostic {
  return {
    ...error('layer_line_twice', span, 'The names of the layers are given twice.', [
      'leave one of the lines out',
    ]),
    secondary: [{ span: first, text: 'the first is here' }],
  };
}

export function foldNotUnary(span: Span): Diagnostic {
  return error(
    'fold_not_unary',
    span,
    'What is done at load is a function of `it` alone, one step after the other.',
    ['such as `-exp(it)`; anything else belongs into the mixer, where constants are computed once'],
  );
}

export function patternProblem(
  problem: PatternProblem,
  fallback: Span,
  names: readonly string[],
): Diagnostic {
  const span = problem.span ?? fallback;
  switch (problem.kind) {
    case 'unknownName':
      return error(
        'unknown_name_in_braces',
        span,
        `\`{${problem.name}}\` is neither the layer, nor \`site\`, nor an axis of the weight.`,
        [...suggest(problem.name, names), ...(names.length > 0 ? [`known here: ${list(names)}`] : [])],
      );
    case 'malformed':
      return error(
        'braces_not_arithmetic',
        span,
        `\`{${problem.text}}\` cannot be read: braces hold names, whole numbers and + - * / %.`,
        ['such as `{i}` or `{i + 1}`'],
      );
    case 'notIndex':
      return error(
        'braces_not_an_index',
        span,
        `\`{${problem.text}}\` is ${problem.value} here, and it must be 0 or a whole number above.`,
        ['layers and indices are counted from 0'],
      );
  }
}

export function severalIndexedAxes(span: Span, axes: readonly string[]): Diagnostic {
  return error(
    'several_indexed_axes',
    span,
    `One axis may have a tensor for each index, and here ${list(axes)} would.`,
    ['the others must be in the stored shape'],
  );
}

export function tooManyTensors(span: Span, count: number, most: number): Diagnostic {
  return error(
    'too_many_tensors',
    span,
    `This weight would be read from ${count} tensors; the most is ${most}.`,
    ['put the axis into the stored shape, and not into braces'],
  );
}

export function layoutProblem(problem: LayoutProblem, weight: string): Diagnostic {
  const { span } = problem;
  switch (problem.kind) {
    case 'axisNotThere':
      return error('stored_axis_unknown', span, `\`${weight}\` has no axis \`${problem.axis}\`.`, [
        ...suggest(problem.axis, problem.axes),
        `its axes are ${list(problem.axes)}`,
      ]);
    case 'axisTwice':
      return error(
        'stored_axis_twice',
        span,
        `The axis \`${problem.axis}\` of \`${weight}\` is in its stored shape already.`,
        ['each axis of the weight stands there once'],
      );
    case 'sizeNotOne':
      return error(
        'stored_size_unknown',
        span,
        `\`${weight}\` has no axis of its own for the size ${problem.size}.`,
        ['only 1 may stand for nothing; give the axis its name'],
      );
    case 'axesMissing':
      return error(
        'stored_axis_missing',
        span,
        `The stored shape of \`${weight}\` lacks ${list(problem.axes)}.`,
        ['each axis of the weight is either in the shape or in braces in the name'],
      );
    case 'unknownTerm':
      return error('unknown_label', span, `\`${problem.label}\` is no term of \`${weight}\`.`, [
        ...suggest(problem.label, problem.labels),
        `its terms are ${list(problem.labels)}`,
      ]);
    case 'termCount':
      return error(
        'stored_terms_differ',
        span,
        `The stored shape has ${problem.stored} terms, and \`${weight}\` gives ${problem.declared}.`,
        ['the terms of the shape are those on the right of its arrow'],
      );
    case 'noLabel':
      return error('label_missing', span, `This sum does not say where \`${weight}\` is.`, [
        `label its part: \`${problem.name}: …\``,
      ]);
  }
}

/** The same mistake once more for many weights is said once. */
export function withOthers(diagnostic: Diagnostic, others: number): Diagnostic {
  if (others === 0) return diagnostic;
  const count = others === 1 ? 'one more weight' : `${others} more weights`;
  return { ...diagnostic, help: [...(diagnostic.help ?? []), `the same holds of ${count}`] };
}

export function tensorTwice(
  span: Span,
  tensor: string,
  first: string,
  second: string,
  other: Span,
): Diagnostic {
  return {
    ...error(
      'tensor_read_twice',
      span,
      `\`${first}\` and \`${second}\` would both be read from the same place of \`${tensor}\`.`,
      [
        'give each its own name in the checkpoint section; names of layers need `{i}`',
        'one weight for several layers is said with `shared`',
      ],
    ),
    secondary:
      span.start === other.start && span.source === other.source
        ? []
        : [{ span: other, text: 'the other weight' }],
  };
}

export function tensorShapesDiffer(
  span: Span,
  tensor: string,
  shapes: readonly [readonly number[], readonly number[]],
  weights: readonly [string, string],
): Diagnostic {
  const [first, second] = shapes.map((shape) => `[${shape.join(', ')}]`);
  return error(
    'tensor_shapes_differ',
    span,
    `\`${tensor}\` would have to be ${first} for \`${weights[0]}\` and ${second} for \`${weights[1]}\`.`,
    ['weights that share a tensor are one line with a label for each: `"…" as [q: … + k: …, width]`'],
  );
}
