// Functions of whole arrays, in f64: what loops over scalar functions cannot say.
import { inverseFourier } from './inverse-fourier.ts';
import { modalTaps } from './modal-taps.ts';

type Sizes = Readonly<Record<string, number>>;

/** The same function serves the reference executor and what is derived at load. Every array is row-major. */
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
  inverse_fourier: {
    elements: ({ rows = 0, length = 0 }) => ({
      inputs: [1, 2].map(() => rows * (Math.floor(length / 2) + 1)),
      out: rows * length,
    }),
    evaluate: inverseFourier,
  },
};

/** The function of a name, if there is one. */
export function arrayFunctionOf(name: string): ArrayFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}
