// An ONNX file of one operator: field numbers are those of onnx.proto3.
import { type Field, floatField, joined, messageField, numberField, textField } from './protobuf.ts';

export interface OnnxOperator {
  readonly type: string;
  readonly domain: string;
  /** The version of the operator set of that domain. */
  readonly version: number;
  /** f32 tensors by name; null is an input that is left out. */
  readonly inputs: readonly (readonly [name: string, shape: readonly number[]] | null)[];
  readonly outputs: readonly (readonly [name: string, shape: readonly number[]])[];
  /** Whole numbers are integers, texts strings, `{ float }` a float. */
  readonly attributes: Readonly<Record<string, number | string | { readonly float: number }>>;
}

const FLOAT_TENSOR = 1;
/** IR version 10 goes with ONNX 1.16 and later. */
const IR_VERSION = 10;
const STANDARD_OPERATORS = 21;

export function operatorModel(operator: OnnxOperator): Uint8Array<ArrayBuffer> {
  const inputs = operator.inputs.flatMap((input) => (input === null ? [] : [input]));
  const graph = [
    messageField(1, nodeFields(operator)),
    textField(2, operator.type),
    ...inputs.map(([name, shape]) => messageField(11, valueFields(name, shape))),
    ...operator.outputs.map(([name, shape]) => messageField(12, valueFields(name, shape))),
  ];
  return joined([
    numberField(1, IR_VERSION),
    messageField(7, graph),
    messageField(8, [textField(1, ''), numberField(2, STANDARD_OPERATORS)]),
    messageField(8, [textField(1, operator.domain), numberField(2, operator.version)]),
  ]);
}

function nodeFields({ type, domain, inputs, outputs, attributes }: OnnxOperator): readonly Field[] {
  return [
    ...inputs.map((input) => textField(1, input === null ? '' : input[0])),
    ...outputs.map(([name]) => textField(2, name)),
    textField(3, type),
    textField(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      messageField(5, [textField(1, name), ...attributeFields(value)]),
    ),
    textField(7, domain),
  ];
}

function attributeFields(value: OnnxOperator['attributes'][string]): readonly Field[] {
  if (typeof value === 'string') return [textField(4, value), numberField(20, 3)];
  if (typeof value === 'number') return [numberField(3, value), numberField(20, 2)];
  return [floatField(2, value.float), numberField(20, 1)];
}

function valueFields(name: string, shape: readonly number[]): readonly Field[] {
  const dimensions = shape.map((size) => messageField(1, [numberField(1, size)]));
  const tensor = [numberField(1, FLOAT_TENSOR), messageField(2, dimensions)];
  return [textField(1, name), messageField(2, [messageField(1, tensor)])];
}
