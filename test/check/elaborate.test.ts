// What elaboration makes of the language's forms: axes, sums, biases, parts, scans, exposed values.
import { describe, expect, test } from 'vitest';
import { printBody } from '../../compiler/ir/print.ts';
import type { AnyNode, Body, Graph } from '../../compiler/ir/graph.ts';
import { diagnosticsOf, graphOf } from './graph-of.ts';

function model(mixers: string, letters = 'A = mine()', stripe = 'A', more = ''): string {
  return `model small {\n  vocab 64\n  width 32\n  stripe ${stripe}\n  block bare\n  ${letters}\n${more}\n}\n${mixers}`;
}

function bodyOf(graph: Graph, name: string): Body {
  const body = graph.bodies[name];
  if (body === undefined) throw new Error(`no body ${name}`);
  return body;
}

function nodes(body: Body, op: string): readonly AnyNode[] {
  return body.nodes.filter((node) => node.op === op);
}

function axesOf(node: AnyNode | undefined): readonly string[] {
  return (node?.type.axes ?? []).map(({ name, size }) => `${name} ${size}`);
}

function only(body: Body, op: string): AnyNode {
  const [first, ...rest] = nodes(body, op);
  if (first === undefined || rest.length > 0)
    throw new Error(`${rest.length + 1} nodes ${op}\n${printBody(body)}`);
  return first;
}

describe('places on an axis', () => {
  test('are one node, without numbers for each layer', () => {
    const graph = graphOf(
      model('mixer mine() {\n weight w : width\n return u + w * 2 ^ index(width)\n}', 'A = mine()', 'A × 2'),
    );
    expect(axesOf(only(bodyOf(graph, 'A'), 'places'))).toEqual(['width 32']);
    expect(graph.calls.slice(1, 3).map((call) => call.parameters)).toEqual([{}, {}]);
  });

  test('of a product run fastest in its last axis', () => {
    const graph = graphOf(
      model(
        'mixer mine() {\n axis head = 4, part = 8\n weight a : width -> head * part\n weight b : head * part -> width\n return b(a(u) * index(head * part))\n}',
      ),
    );
    expect(axesOf(only(bodyOf(graph, 'A'), 'places'))).toEqual(['head 4', 'part 8']);
  });
});

describe('maps', () => {
  test('a map on its own axes gets primes and a rename', () => {
    const graph = graphOf(model('mixer mine() {\n weight w : width -> width\n return w(u)\n}'));
    const body = bodyOf(graph, 'A');
    expect(axesOf(only(body, 'weight'))).toEqual(['width 32', "width' 32"]);
    expect(only(body, 'rename').attrs).toEqual({ from: "width'", to: 'width' });
    expect(graph.weights['layers.0.A.w']?.views[0]?.strides).toEqual([1, 32]);
  });

  test('a sum is one weight for each term, stored one after the other', () => {
    const graph = graphOf(
      model(
        'mixer mine(n = 8) {\n weight w : width -> a: n + b: n, bias\n weight o : n -> width\n a, b = w(u)\n return o(a * b)\n}',
      ),
    );
    expect(graph.calls[1]?.weights).toEqual({
      'w.a': 'layers.0.A.w.a',
      'w.a.bias': 'layers.0.A.w.a.bias',
      'w.b': 'layers.0.A.w.b',
      'w.b.bias': 'layers.0.A.w.b.bias',
      o: 'layers.0.A.o',
    });
    expect(graph.weights['layers.0.A.w.b']?.views[0]).toMatchObject({ shape: [16, 32], offset: 256 });
    expect(graph.weights['layers.0.A.w.b.bias']?.views[0]).toMatchObject({ shape: [16], offset: 8 });
  });

  test('a sum used whole is one value, and can be unpacked afterwards', () => {
    const graph = graphOf(
      model(
        'mixer mine(n = 8) {\n weight w : width -> n + n\n weight o : n -> width\n a, b = silu(w(u))\n return o(a * b)\n}',
      ),
    );
    const body = bodyOf(graph, 'A');
    expect(axesOf(only(body, 'concat'))).toEqual(['n+n 16']);
    expect(nodes(body, 'slice').map((node) => node.attrs['offset'])).toEqual([0, 8]);
  });

  test('a sum may be eaten: concat and a map from it', () => {
    const graph = graphOf(
      model('mixer mine() {\n weight w : width + width -> width\n return w(concat(u, silu(u)))\n}'),
    );
    expect(axesOf(only(bodyOf(graph, 'A'), 'weight'))).toEqual(['width+width 64', 'width 32']);
  });

  test('per an axis is a map for each index of it', () => {
    const graph = graphOf(
      model(
        'mixer mine(h = 4, p = 8) {\n weight a : width -> h * p\n weight g : per h, p -> p\n weight o : h * p -> width\n return o(g(a(u)))\n}',
      ),
    );
    const weight = nodes(bodyOf(graph, 'A'), 'weight').find((node) => node.name === 'g');
    expect(axesOf(weight)).toEqual(['h 4', 'p 8', "p' 8"]);
  });
});

describe('axes', () => {
  test('an axis declared as a product is its factors', () => {
    const graph = graphOf(
      model(
        'mixer mine(h = 4, p = 8) {\n axis channel = h * p\n weight a : width -> channel\n weight o : channel -> width\n return o(sum(a(u), p) * a(u))\n}',
      ),
    );
    expect(axesOf(only(bodyOf(graph, 'A'), 'sum'))).toEqual(['h 4']);
  });

  test('one name with two sizes in two mixers of a layer stays two axes', () => {
    const mixers = `mixer inner(n) {
      weight up : width -> n
      weight down : n -> width
      return down(up(u))
    }
    mixer mine() {
      part a = inner(8), b = inner(16)
      return a(u) + b(u)
    }`;
    const body = bodyOf(graphOf(model(mixers)), 'A');
    const names = new Set(body.nodes.flatMap((node) => axesOf(node)));
    expect([...names].toSorted()).toEqual(['n 8', 'n.2 16', 'width 32']);
  });

  test('a number keeps its name as an axis through a library function', () => {
    const mixer =
      'mixer mine(key = 8) {\n weight w : width -> key\n weight o : key -> width\n key = l2(w(u), key)\n return o(key)\n}';
    expect(only(bodyOf(graphOf(model(mixer)), 'A'), 'sum').attrs).toEqual({ over: ['key'] });
  });
});

describe('constants', () => {
  test('what differs between layers is a parameter of the one body', () => {
    const mixer = 'mixer mine() {\n const s = 1 - 0.5 * layer.index\n return u * s * site.index\n}';
    const graph = graphOf(model(mixer, 'A = mine(), B = swiglu(hidden: 8)', 'A, B, A'));
    const values = graph.calls
      .filter((call) => call.label === 'A')
      .map((call) => Object.values(call.parameters));
    expect(values).toEqual([
      [[1], [0]],
      [[0], [1]],
    ]);
  });

  test('loops are unrolled and choices made', () => {
    const mixer =
      'mixer mine(deep = 3, gate = none) {\n y = u\n for j in 0..deep { if j % 2 == 0 { y = silu(y) } else { y = tanh(y) } }\n return if gate != none then gate * y else y\n}';
    const body = bodyOf(graphOf(model(mixer)), 'A');
    expect(body.nodes.map((node) => node.op)).toEqual(['input', 'silu', 'tanh', 'silu']);
  });
});

describe('scans', () => {
  const scan = `mixer mine(n = 4) {
    weight b, c, d : width -> n
    B, C = b(u), c(u)
    scan h[width, n], unused[width] {
      unused = unused + u
      h = 0.5 * h + B * silu(u)
      y = sum(h * C, n)
      m = max(h, n)
    }
    return y + m
  }`;

  test('what does not touch a state is computed outside, and dead states go', () => {
    const body = bodyOf(graphOf(model(scan)), 'A');
    const {
      states,
      body: inner,
      results,
    } = only(body, 'scan').attrs as {
      states: readonly { name: string }[];
      body: Body;
      results: readonly string[];
    };
    expect(states.map(({ name }) => name)).toEqual(['h']);
    expect(results.toSorted()).toEqual(['m', 'y']);
    expect(inner.nodes.map((node) => node.op).toSorted()).toEqual(
      ['add', 'constant', 'input', 'input', 'input', 'max', 'mul', 'mul', 'sum'].toSorted(),
    );
    expect(nodes(body, 'slice')).toHaveLength(2);
  });

  test('a weight that nothing reads is no part of the model', () => {
    expect(Object.keys(graphOf(model(scan)).weights)).not.toContain('layers.0.A.d');
  });
});

describe('letters', () => {
  const lender = `mixer lender() {
    weight w : width -> width
    expose k = w(u)
    return k
  }
  mixer borrower() {
    input k : width = none
    weight w : width -> width
    return if k then k * u else w(u)
  }`;

  test('an exposed value is read from the nearest earlier occurrence', () => {
    const graph = graphOf(model(lender, 'A = lender(), B = borrower(k: A.k)', 'A, A, B, A, B, B'));
    const reads = graph.calls.filter((call) => call.label === 'B').map((call) => call.inputs['A.k']);
    expect(reads).toEqual([
      { call: 2, output: 'k' },
      { call: 4, output: 'k' },
      { call: 4, output: 'k' },
    ]);
    expect(Object.keys(graph.bodies['A']?.outputs ?? {})).toEqual(['stream', 'k']);
    expect(Object.keys(graph.weights).filter((id) => id.includes('.B.'))).toEqual([]);
  });

  test('an exposed value that nobody reads costs nothing', () => {
    const graph = graphOf(model(lender, 'A = lender(), B = borrower()', 'A, B'));
    expect(Object.keys(graph.bodies['A']?.outputs ?? {})).toEqual(['stream']);
  });

  test('shared letters have one set of weights, except per site', () => {
    const mixer = `mixer mine() {
      weight w : width -> width
      weight s : width, per site
      return w(u) * s
    }`;
    const graph = graphOf(model(mixer, 'shared A = mine()', 'A, A'));
    expect(graph.calls.slice(1, 3).map((call) => call.weights)).toEqual([
      { w: 'layers.0.A.w', s: 'layers.0.A.s' },
      { w: 'layers.0.A.w', s: 'layers.1.A.s' },
    ]);
  });

  test('a shared letter may have several sets of weights, which take turns', () => {
    const mixer = `mixer mine() {
      weight w : width -> width
      weight s : width, per site
      return w(u) * s
    }`;
    const lines = '  checkpoint { A "mixer." {\n s "list.{site}"\n } }';
    const graph = graphOf(
      model(mixer, 'shared(2) A = mine(), B = swiglu(hidden: 8)', 'B, A, A, B, A, A', lines),
    );
    const ofA = graph.calls.filter(({ label }) => label === 'A').map(({ weights }) => weights);
    expect(ofA.map(({ w }) => w)).toEqual(['layers.1.A.w', 'layers.2.A.w', 'layers.1.A.w', 'layers.2.A.w']);
    expect(ofA.map(({ s }) => graph.weights[s ?? '']?.views[0]?.tensors[0])).toEqual([
      'layers.1.mixer.list.0',
      'layers.2.mixer.list.1',
      'layers.1.mixer.list.2',
      'layers.2.mixer.list.3',
    ]);
  });

  test('a part multiplied by an axis has a weight for each index', () => {
    const mixer = `mixer mine(of, count) {
      axis expert = count
      weight router : width -> expert
      part f = of per expert
      return sum(sigmoid(router(u)) * f(u), expert)
    }`;
    const graph = graphOf(model(mixer, 'A = mine(swiglu(hidden: 8), 3)'));
    expect(graph.weights['layers.0.A.f.up_proj']?.axes.map(({ name }) => name)).toEqual([
      'expert',
      'width',
      'hidden',
    ]);
  });

  test('a block with several mixers names their weights after its parameters', () => {
    const graph = graphOf(model('', 'A = parallel(swiglu(hidden: 8), mamba())'));
    const ids = Object.keys(graph.weights);
    expect(ids).toContain('layers.0.A.f.up_proj');
    expect(ids).toContain('layers.0.A.g.A_log');
    expect(ids).toContain('layers.0.A.n');
  });

  test('two letters in one layer share its number', () => {
    const graph = graphOf(model('', 'A = swiglu(hidden: 8), B = mamba()', '(A & B) × 2'));
    expect(graph.calls.map(({ label, layer, site }) => [label, layer, site])).toEqual([
      ['embed', undefined, 0],
      ['A', 0, 0],
      ['B', 0, 0],
      ['A', 1, 1],
      ['B', 1, 1],
      ['head', undefined, 0],
    ]);
  });
});

describe('ends', () => {
  test('a tied head reads the table of the embedding', () => {
    const graph = graphOf(model('', 'A = swiglu(hidden: 8)', 'A', '  head tied, softcap: 30, scale: 0.5'));
    expect(graph.calls.at(-1)?.weights['embed']).toBe('embed');
    expect(nodes(bodyOf(graph, 'head'), 'tanh')).toHaveLength(1);
  });

  test('bodies that are written out', () => {
    const ends = `  embed {
      weight table : vocab * width
      weight places : time * width
      axis time = 16
      return gather(table, token, vocab)
    }
    head {
      weight out : width -> vocab, bias
      return out(x)
    }`.replace(
      'weight places : time * width\n      axis time = 16',
      'axis time = 16\n      weight places : time * width',
    );
    const graph = graphOf(model('', 'A = swiglu(hidden: 8)', 'A', ends));
    expect(Object.keys(graph.weights)).toEqual(expect.arrayContaining(['table', 'out', 'out.bias']));
    expect(Object.keys(graph.weights)).not.toContain('places');
  });

  test('several mistakes are found in one run', () => {
    const codes = diagnosticsOf(
      model('mixer mine(n = 0.5) {\n weight w : width -> n\n y = slu(u) + gian\n return y\n}'),
    ).map(({ code }) => code);
    expect(codes).toEqual(['axis_size', 'unknown_function', 'unknown_name']);
  });
});

describe('a letter that no layer has', () => {
  const letters = 'A = swiglu(hidden: 8)\n B = geglu(hidden: 8)';
  const found = (stripe: string) =>
    diagnosticsOf(model('', letters, stripe)).map(({ code, severity }) => `${severity} ${code}`);

  test('is warned of where the stripe never says it', () => {
    expect(found('A×2')).toEqual(['warning letter_unused']);
  });

  test('is fine where a condition or a list could have chosen it', () => {
    expect(found('from layers(4) { if i % 8 == 7 then B else A }')).toEqual([]);
    expect(found('pattern "aa" { "a": A, "b": B }')).toEqual([]);
  });
});

describe('follow-up errors', () => {
  test('what cannot be read is not missed elsewhere', () => {
    const text = model('', 'A = swiglu(hidden=8)', 'A × 2');
    expect(diagnosticsOf(text).map(({ code }) => code)).toEqual(['unexpected_token']);
  });

  test('a wrong argument is reported once, however often the mixer uses it', () => {
    const text = model('', 'A = swiglu(hidden: "8")', 'A');
    expect(diagnosticsOf(text).map(({ code }) => code)).toEqual(['not_an_axis']);
  });

  test('the same wrong argument in two letters is reported at both', () => {
    const text = model('', 'A = swiglu(hiden: 8, hidden: 8)\n B = swiglu(hiden: 8, hidden: 8)', 'A, B');
    expect(diagnosticsOf(text).map(({ code }) => code)).toEqual(['unknown_argument', 'unknown_argument']);
  });
});

test('a deep model is checked once for each letter', () => {
  const text = `model deep {
    vocab 32_000
    width 2048
    stripe (SSM, MLP, SWA, MLP) × 48
    SSM = mamba()
    SWA = attention(heads: 16, kv_heads: 4, window: 2048, rope: 10_000)
    MLP = swiglu(hidden: 8192)
    head tied
  }`;
  graphOf(text);
  const start = performance.now();
  const graph = graphOf(text);
  expect(graph.calls).toHaveLength(194);
  expect(performance.now() - start).toBeLessThan(5000);
});
