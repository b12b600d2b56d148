// The contextual keywords: names that mean something at the start of a statement.

export const declarationWords: ReadonlySet<string> = new Set(['model', 'mixer', 'block', 'function']);

/** What may begin a statement of a mixer, block, function, `embed { … }` or `head { … }`. */
export const bodyWords: ReadonlySet<string> = new Set([
  'axis',
  'input',
  'weight',
  'part',
  'const',
  'expose',
  'norm',
  'scan',
  'require',
]);

/** What may begin a statement of a model. */
export const modelWords: ReadonlySet<string> = new Set([
  'vocab',
  'width',
  'meta',
  'context',
  'param',
  'stripe',
  'shared',
  'block',
  'norm',
  'embed',
  'head',
  'checkpoint',
  'fits',
  'require',
  'expect',
  'weight',
  'const',
  'axis',
  'input',
  'output',
]);

/** Words of the model that take just a value. */
export const settingWords: ReadonlySet<string> = new Set(['vocab', 'width', 'meta', 'context']);

/** What `fits` compares a checkpoint by. */
export const fitKeys = ['architectures', 'model_type', 'fields', 'tensors'] as const;

/** The number types after `in`. */
export const dtypes = ['f32', 'f16', 'bf16', 'complex'] as const;

/** What people write for a dtype that the language calls otherwise or has not. */
export const foreignDtypes: ReadonlyMap<string, string> = new Map([
  ['f64', 'f32'],
  ['f8', 'f16'],
  ['fp16', 'f16'],
  ['fp32', 'f32'],
  ['fp64', 'f32'],
  ['float', 'f32'],
  ['float16', 'f16'],
  ['float32', 'f32'],
  ['float64', 'f32'],
  ['half', 'f16'],
  ['double', 'f32'],
  ['bfloat16', 'bf16'],
  ['c64', 'complex'],
  ['complex64', 'complex'],
]);
