// What other languages and libraries write otherwise: a line of help for each such word.

const CONTRACTS = '`sum(x * y, axis)` contracts; a weight with an arrow is applied like a function, `up(u)`';
const LINEAR = 'a linear map is a weight, `weight q : width -> heads * key, bias`, applied as `q(u)`';
const BY_NAME =
  'axes go by name, so nothing has to be put in order; `rename(x, two: half)` gives another name, also to a product of axes';
const WEIGHT = 'a weight is declared: `weight D : width`';
const LONG = '`longconv(x, filter)` convolves; how, is chosen by the compiler';

/** Functions, by what they are called in PyTorch, NumPy and JAX. A Map, since a name may be that of something every object has. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    [LONG]: ['fftconv', 'fft_conv', 'fftconvolve', 'convolve', 'fft', 'rfft', 'ifft', 'irfft'],
    [CONTRACTS]: ['einsum', 'matmul', 'bmm', 'mm', 'dot', 'tensordot', 'contract'],
    [LINEAR]: ['linear', 'Linear', 'Dense'],
    [BY_NAME]: [
      'view',
      'reshape',
      'transpose',
      'permute',
      'rearrange',
      'squeeze',
      'unsqueeze',
      'flatten',
      'expand',
    ],
    [WEIGHT]: ['Parameter', 'zeros', 'ones', 'randn', 'empty', 'Embedding'],
    '`index(axis)` is the place of each element, from 0': ['arange', 'iota'],
    '`index(axis) / (size(axis) - 1)` goes from 0 to 1': ['linspace'],
    '`concat(a, b)` puts one after the other': ['cat', 'concatenate', 'stack', 'hstack'],
    '`sqrt(sum(x * x, axis))` is a norm; `norm before : width` is an instance of the model’s': ['norm'],
    'a `scan` sums over positions: `scan s[width] = 0 { s = s + x }`': ['associative_scan'],
    'leave it out: nothing is dropped when a model runs': ['dropout', 'Dropout'],
  }).flatMap(([help, names]) => names.map((name) => [name, help] as const)),
);

export function foreignFunction(name: string): readonly string[] | undefined {
  const help = FUNCTIONS.get(name);
  return help === undefined ? undefined : [help];
}

const VALUES: ReadonlyMap<string, string> = new Map([
  ['pi', 'write `3.141592653589793`'],
  ['i', 'give it a value first, `i = …`; the imaginary unit is `complex(0, 1)`'],
  ['j', 'give it a value first, `j = …`; the imaginary unit is `complex(0, 1)`'],
]);

export function foreignValue(name: string): readonly string[] | undefined {
  const help = VALUES.get(name);
  return help === undefined ? undefined : [help];
}

const MEMBERS: ReadonlyMap<string, string> = new Map([
  ['real', 'write `re(value)`'],
  ['imag', 'write `im(value)`'],
  ['shape', '`size(axis)` is the number of elements of an axis'],
  ['T', BY_NAME],
  ['mT', BY_NAME],
]);

export function foreignMember(name: string): readonly string[] | undefined {
  const help = MEMBERS.get(name);
  return help === undefined ? undefined : [help];
}

const AHEAD = 'for later positions give a filter of them: `reverse: filter, from: 1`';
const OVER = 'the axis is named: `over: axis`';

const ARGUMENTS: ReadonlyMap<string, string> = new Map([
  ['longconv.causal', AHEAD],
  ['longconv.bidirectional', AHEAD],
  [
    'longconv.groups',
    'a filter over `group * time` is shared within the groups of `axis channel = group * per`',
  ],
  ['longconv.D', 'write `skip: D`'],
  [
    'longconv.bias',
    '`skip: D` is multiplied with the value; a bias stands behind the weight, `weight filter : channel * time, bias`',
  ],
]);

/** For an argument that a function of the language does not take by that name. */
export function foreignArgument(
  callee: string,
  name: string,
  names: readonly string[],
): readonly string[] | undefined {
  const help =
    ARGUMENTS.get(`${callee}.${name}`) ?? (isAxisWord(name) && names.includes('over') ? OVER : undefined);
  return help === undefined ? undefined : [help];
}

function isAxisWord(name: string): boolean {
  return name === 'dim' || name === 'axis';
}
