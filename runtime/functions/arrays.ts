// Functions of whole arrays, in f64: what loops over scalar functions cannot say.

/**
 * Fills `out` from the inputs. `sizes` say how the arrays lie; every array is row-major. The same function serves the reference executor
 * and what is derived at load.
 */
export type ArrayFunction = (
  inputs: readonly Float64Array[],
  out: Float64Array,
  sizes: Readonly<Record<string, number>>,
) => void;

const FUNCTIONS: Readonly<Record<string, ArrayFunction>> = {};

/** The function of a name, if there is one. */
export function arrayFunctionOf(name: string): ArrayFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}
