// Syntax trees and weight requests built by hand, for tests of the checkpoint mapping.
import type { CheckpointEntry, Expression, Name, Shape, ShapeFactor, ShapeTerm } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';
import type { WeightAxis, WeightRequest } from '../../compiler/check/weight-request.ts';

export const span: Span = { source: { name: 'test.hyb', text: '' }, start: 0, end: 0 };

export function name(text: string): Name {
  return { text, span };
}

export function axis(text: string): ShapeFactor {
  return { kind: 'axisFactor', name: name(text), span };
}

export function size(value: number): ShapeFactor {
  return { kind: 'sizeFactor', size: value, span };
}

export function filter(orientation: 'taps' | 'lag' = 'taps'): ShapeFactor {
  return { kind: 'filterFactor', orientation, span };
}

export function group(...terms: readonly ShapeTerm[]): ShapeFactor {
  return { kind: 'groupFactor', shape: { kind: 'shape', terms, span }, span };
}

export function term(factors: readonly ShapeFactor[], label?: string): ShapeTerm {
  return { kind: 'shapeTerm', factors, span, ...(label !== undefined && { label: name(label) }) };
}

export function sum(...terms: readonly ShapeTerm[]): Shape {
  return { kind: 'shape', terms, span };
}

export function product(...factors: readonly ShapeFactor[]): Shape {
  return sum(term(factors));
}

export function reference(text: string): Expression {
  return { kind: 'reference', name: text, span };
}

export interface EntryParts {
  readonly mode?: CheckpointEntry['mode'];
  readonly patterns?: readonly string[];
  readonly stored?: readonly Shape[];
  readonly fold?: Expression;
  readonly also?: readonly CheckpointEntry[];
  readonly entries?: readonly CheckpointEntry[];
}

/** A line of a checkpoint section; subjects are dotted names. */
export function entry(subjects: readonly string[], parts: EntryParts): CheckpointEntry {
  return {
    kind: 'checkpointEntry',
    mode: parts.mode ?? 'plain',
    subjects: subjects.map((subject) => subject.split('.').map(name)),
    patterns: (parts.patterns ?? []).map((value) => ({ kind: 'text', value, span })),
    also: parts.also ?? [],
    entries: parts.entries ?? [],
    span,
    ...(parts.stored && { stored: { kind: 'storedShape', dimensions: parts.stored, span } }),
    ...(parts.fold && { fold: parts.fold }),
  };
}

export function weightAxes(
  sizes: Readonly<Record<string, number>>,
  kind: WeightAxis['kind'] = 'plain',
): WeightAxis[] {
  return Object.entries(sizes).map(([text, length]) => ({ name: text, size: length, kind }));
}

/** A map from `inputs` to `outputs` in layer 0 of the letter `L`, unless told otherwise. */
export function request(
  path: string,
  inputs: readonly WeightAxis[],
  outputs: readonly WeightAxis[],
  other: Partial<WeightRequest> = {},
): WeightRequest {
  return {
    id: `layers.0.L.${path}`,
    layer: 0,
    letter: 'L',
    site: 0,
    shared: false,
    scope: 'mixer',
    path: path.split('.'),
    role: inputs.length > 0 ? 'map' : 'plain',
    bias: false,
    axes: [...inputs, ...outputs],
    inputs: inputs.length,
    outputs: outputs.length,
    span,
    ...other,
  };
}
