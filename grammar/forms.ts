// How each statement is written, for help lines.

/** How a statement is written, for the help line. */
export function formOf(word: string): string {
  return forms.get(word) ?? word;
}

const forms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    axis: 'axis channel = inner, n = state',
    block: 'block my_block',
    checkpoint: 'checkpoint { … }',
    const: 'const decay = -exp(A_log)',
    context: 'context 4096',
    embed: 'embed scale: 2',
    expose: 'expose memory = y + D * x',
    fits: 'fits architectures "SomeModelForCausalLM"',
    for: 'for j in 0..n { … }',
    function: 'function gate(x, y) { … }',
    head: 'head tied',
    if: 'if c { … } else { … }',
    import: 'import "gates.hyb"',
    input: 'input memory : channel',
    meta: 'meta 128',
    mixer: 'mixer name(parameter = 1) { … }',
    model: 'model name { … }',
    norm: 'norm before, after',
    output: 'output hidden',
    param: 'param heads = config.num_heads',
    part: 'part core = my_core(state: 16)',
    require: 'require config.n_groups == 1, "one group only"',
    expect: 'expect not (config.rounded | false), "its values are not rounded here"',
    return: 'return y',
    scan: 'scan h[channel, n] = 0 { … }',
    shared: 'shared ATT = my_mixer(heads: 8)',
    stripe: 'stripe (SSM, MLP)×8',
    vocab: 'vocab 1024',
    weight: 'weight q : width -> heads * key, bias',
    width: 'width 192',
  }),
);
