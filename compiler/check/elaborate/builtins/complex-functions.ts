// Complex values from real ones and back: `complex`, `polar`, `re`, `im`, `conj`, `angle`.
import { asComplex, complexOf, partOf, type ComplexPart } from '../complex.ts';
import { angleOf, conjugate, polarValue } from '../complex-maps.ts';
import { evaluate } from '../expression.ts';
import { failed, type ComplexValue, type Value } from '../value.ts';
import { numberArgument, type Builtin, type BuiltinCall } from './builtin.ts';

export const complexFunctions: Readonly<Record<string, Builtin>> = {
  complex: { parameters: ['re', 'im'], required: 2, make: (call) => fromReals(call, 're', 'im', complexOf) },
  polar: {
    parameters: ['size', 'angle'],
    required: 2,
    make: (call) =>
      fromReals(call, 'size', 'angle', (size, angle) => polarValue(call.frame, size, angle, call.span)),
  },
  re: { parameters: ['z'], required: 1, make: (call) => part(call, 're') },
  im: { parameters: ['z'], required: 1, make: (call) => part(call, 'im') },
  angle: { parameters: ['z'], required: 1, make: angleFunction },
  conj: {
    parameters: ['z'],
    required: 1,
    make: (call) => {
      const value = complexArgument(call, 'z');
      return value === undefined ? failed : conjugate(call.frame, value, call.span);
    },
  },
};

function fromReals(
  call: BuiltinCall,
  first: string,
  second: string,
  make: (a: Value, b: Value) => Value,
): Value {
  const [a, b] = [numberArgument(call, first), numberArgument(call, second)];
  return a === undefined || b === undefined ? failed : make(a, b);
}

function complexArgument(call: BuiltinCall, name: string): ComplexValue | undefined {
  const expression = call.given.get(name);
  if (expression === undefined) return undefined;
  const value = evaluate(call.frame, expression);
  const complex = value.kind === 'failed' ? value : asComplex(call.frame, value, expression.span);
  return complex.kind === 'failed' ? undefined : complex;
}

/** The angle of a complex value in radians, from -π to π; 0 for the value 0. */
function angleFunction(call: BuiltinCall): Value {
  const value = complexArgument(call, 'z');
  return value === undefined ? failed : angleOf(call.frame, value, call.span);
}

function part(call: BuiltinCall, which: ComplexPart): Value {
  const value = complexArgument(call, 'z');
  return value === undefined ? failed : partOf(call.frame, value, which, call.span);
}
