// Recurrences of several states of the same axes that read each other, and of several results, as people write them.
import type { Recurrence } from './recurrences.ts';

/** Affine in their states: segments of a run go in parallel. */
export const COUPLED: readonly Recurrence[] = [
  {
    title: 'a complex state whose pole is the same for all tokens, summed over',
    body: `pole = polar(exp(-exp(A)), r)
  scan h[channel, key] = 0 in complex {
    h = pole * h + xc(u)
    y = 2 * re(sum(complex(Cn(u), Bn(u)) * h, key))
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 'h ← decay ⊙ h + x, complex',
  },
  {
    title: 'a complex state with a pole of each token, both of whose parts are wanted',
    body: `pole = polar(exp(-softplus(dt(u))), xc(u))
  scan h[channel] = 0 in complex {
    h = pole * h + complex(i(u), f(u))
  }
  return out_channel(re(h) + tanh(im(h)))`,
    class: 'D',
    chunked: true,
    form: 'h ← decay ⊙ h + x, complex',
  },
  {
    title: 'a pair that turns, written by hand',
    body: `scan s[channel], t[channel] {
    old = s
    s = 0.9 * s - r * t + xc(u)
    t = r * old + 0.9 * t
    y = s * dt(u) + t
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 's + i·t ← decay ⊙ (s + i·t) + x, complex',
  },
  {
    title: 'two states that read each other',
    body: `scan s[channel], t[channel] {
    s = sigmoid(f(u)) * s + 0.3 * t + xc(u)
    t = 0.5 * t - 0.2 * s
  }
  return out_channel(t)`,
    class: 'D',
    chunked: true,
    form: 's ← (sigmoid(f(u))) ⊙ s + 0.3·t + xc',
  },
  {
    title: 'three states in a ring, with old values read',
    body: `scan s[channel, key], t[channel, key], w[channel, key] {
    y = sum(s * Cn(u), key) + sum(w * Bn(u), key)
    s = 0.5 * s + 0.4 * w + xc(u) * Bn(u)
    t = 0.6 * t + 0.3 * s
    w = exp(-exp(A)) * w + 0.2 * t
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 's ← 0.5·s + 0.4·w + xc·Bn',
  },
  {
    title: 'states that change places',
    body: `scan s[channel] = 1, t[channel] = 0 {
    old = s
    s = t * tanh(xc(u))
    t = old
  }
  return out_channel(s + 2 * t)`,
    class: 'D',
    chunked: true,
    form: 's ← (tanh(xc(u))) ⊙ t',
  },
];

/** Of one state, read before the update or in several ways. */
export const READ_TWICE: readonly Recurrence[] = [
  {
    title: 'single elements read before the update with a bonus',
    body: `scan S[channel] {
    y = S + r * xc(u)
    S = sigmoid(f(u)) * S + xc(u)
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read before the update',
  },
  {
    title: 'single elements before and after the update, both wanted',
    body: `scan S[channel] {
    y = S
    S = sigmoid(f(u)) * S + xc(u)
  }
  return out_channel(y * tanh(S))`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after and before the update',
  },
  {
    title: 'linear attention that is looked at with two queries',
    body: `scan S[heads, key, value] {
    S = 0.9 * S + k(u) * v(u)
    y = sum(S * q(u), key)
    z = sum(S * a(u), key)
  }
  return out(y + tanh(z))`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
];

/** Not affine, or not in their own states: token by token, in tiles where elements go by themselves. */
export const UNCHUNKED: readonly { readonly title: string; readonly body: string }[] = [
  {
    title: 'a stabilised mean that is read before the update',
    body: `scan a[channel], b[channel] scaled by p[channel] = -1e38 {
    m = maximum(p, i(u) + r)
    y = (exp(p - m) * a + exp(i(u) + r - m) * xc(u)) / (exp(p - m) * b + exp(i(u) + r - m))
    a = exp(-exp(dt(u))) * a + exp(i(u)) * xc(u)
    b = exp(-exp(dt(u))) * b + exp(i(u))
  }
  return out_channel(y)`,
  },
  {
    title: 'a maximum that is read old and new',
    body: `scan m[channel] = 0 {
    y = m
    m = maximum(0.9 * m, xc(u))
  }
  return out_channel(y - m)`,
  },
  {
    title: 'a square in a column',
    body: `scan S[channel, key] = 1 {
    S = sigmoid(f(u)) * S / (1 + S * S) + Bn(u) * xc(u)
    y = sum(S * Cn(u), key)
    z = sum(abs(S), key)
  }
  return out_channel(y + z)`,
  },
];
