// Functions of whole arrays, in f64: what loops over scalar functions cannot say.
import { modalTaps } from './modal-taps.ts';

type Sizes = Readonly<Record<string, number>>;

/**
 * The same function serves the reference executor and what is derived at load. Every array is row-major, and its outermost size is `rows`: each
 * row of the result is made of the same row of every input.
 */
export interface ArrayFunction {
  /** Elements of each input, and of the result. */
  readonly elements: (sizes: Sizes) => { readonly inputs: readonly number[]; readonly out: number };
  /** Fills `out`, which is zero at first. */
  readonly evaluate: (inputs: readonly Float64Array[], out: Float64Array, sizes: Sizes) => void;
}

const FUNCTIONS: Readonly<Record<string, ArrayFunction>> = {
  modal_taps: {
    elements: ({ rows = 0, modes = 0, lags = 0 }) => ({
      inputs: [1, 2, 3, 4].map(() => rows * modes),
      out: rows * lags,
    }),
    evaluate: modalTaps,
  },
};

/** The function of a name, if there is one. */
export function arrayFunctionOf(name: string): ArrayFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}
