// Loading: bundles, weights from everywhere, and every way in which it can fail.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../runtime/index.ts';
import type { LoadedModel, LoadProgress, WeightsInput } from '../../runtime/index.ts';
import { openDevice } from '../../cli/adapter.ts';
import { openSoftwareDevice } from '../support/device.ts';
import type { TestDevice } from '../support/device.ts';
import { bigramPlan, expectedLogits, TABLE, VOCAB, WEIGHTS } from './bigram.ts';
import { describeOnDevice } from './on-device.ts';
import { writeSafetensors } from './write-safetensors.ts';

let opened: TestDevice;
let folder = '';
beforeAll(async () => {
  opened = await openSoftwareDevice();
  folder = await mkdtemp(join(tmpdir(), 'hyb-load-'));
});
afterAll(async () => {
  opened.close();
  await rm(folder, { recursive: true });
});

const loadHere = (weights: WeightsInput, plan = bigramPlan()) =>
  load({ plan }, { weights, device: opened.device });

async function expectWorks(model: LoadedModel): Promise<void> {
  const session = await model.session();
  await session.prefill([1, 2, 3, 4, 5]);
  expect([...(await session.logits())]).toEqual(expectedLogits([1, 2, 3, 4, 5]).at(-1));
  session.destroy();
  model.destroy();
}

describeOnDevice('weights', () => {
  test('F16 and BF16 files, another name, tensors that are ignored', async () => {
    const ignored = { dtype: 'I64', shape: [], values: [3] } as const;
    for (const dtype of ['F16', 'BF16'] as const) {
      const table = { dtype, shape: [VOCAB, VOCAB], values: TABLE };
      const bytes = writeSafetensors({ 'model.table': table, 'norm.num_batches_tracked': ignored });
      await expectWorks(await loadHere(bytes));
    }
  });

  test('all that does not fit is listed at once', async () => {
    const [weight] = bigramPlan().weights;
    if (weight === undefined) throw new Error('the plan has no weight');
    const more = (name: string, optional: boolean) => ({
      ...weight,
      name,
      tensors: [name, `model.${name}`],
      optional,
    });
    const weights = [more('gone', false), more('perhaps', true), more('wide', false), more('whole', false)];
    const bytes = writeSafetensors({
      wide: { dtype: 'F32', shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
      whole: { dtype: 'I64', shape: [VOCAB, VOCAB], values: TABLE.map(() => 1) },
      stray: { dtype: 'F32', shape: [1], values: [1] },
    });
    const failure = loadHere(bytes, bigramPlan({ weights, derived: [] }));
    await expect(failure).rejects.toMatchObject({
      code: 'weights_mismatch',
      problems: [
        'missing: `gone` [16, 16] (nor `model.gone`)',
        'shape: `wide` is [2, 3] in the file, and [16, 16] in the model',
        'dtype: `whole` is I64, and only F32, F16, BF16 can be read',
        'extra: `stray` [1] is in the file, and the model has no such weight',
      ],
    });
  });

  test('progress ends at all bytes and all kernels', async () => {
    const events: LoadProgress[] = [];
    const onProgress = (event: LoadProgress) => events.push(event);
    await expectWorks(await load(bigramPlan(), { weights: WEIGHTS, device: opened.device, onProgress }));
    expect(events.filter(({ stage }) => stage === 'kernels').map(({ done }) => done)).toEqual([1, 2, 3, 4]);
    expect(events.findLast(({ stage }) => stage === 'weights')).toMatchObject({ done: 1024, total: 1024 });
    expect(events.findLast(({ stage }) => stage === 'derived')).toMatchObject({ done: 256, total: 256 });
  });

  test('a raised signal stops it, before and during', async () => {
    const options = { weights: WEIGHTS, device: opened.device };
    await expect(load(bigramPlan(), { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    const abort = new AbortController();
    const slow = new Blob([WEIGHTS]);
    const loading = load(bigramPlan(), { ...options, weights: slow, signal: abort.signal });
    abort.abort();
    await expect(loading).rejects.toMatchObject({ code: 'aborted' });
  });
});

/** Answers Range requests as static servers do. */
const ranged =
  (files: Readonly<Record<string, Uint8Array>>): RequestListener =>
  (request, response) => {
    const file = files[(request.url ?? '').split('?')[0] ?? ''];
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    if (file === undefined) return response.writeHead(404).end();
    if (from === undefined || to === undefined) return response.end(file);
    const end = Math.min(Number(to), file.length - 1);
    response.writeHead(206, { 'Content-Range': `bytes ${from}-${end}/${file.length}` });
    return response.end(file.subarray(Number(from), end + 1));
  };

/** The table behind 3 MB that are not needed, so that one request does not bring everything. */
const padded = () => {
  const filler = {
    dtype: 'F32',
    shape: [750_000],
    values: Array.from({ length: 750_000 }, () => 1),
  } as const;
  const table = { dtype: 'F32', shape: [VOCAB, VOCAB], values: TABLE } as const;
  return writeSafetensors({ 'a.num_batches_tracked': filler, table });
};

describeOnDevice('addresses', () => {
  const requests: string[] = [];
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.range ?? 'whole'}`);
      listener(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    requests.length = 0;
    return `http://127.0.0.1:${address.port}`;
  }

  test('a server with ranges is asked for what is needed', async () => {
    const url = await serve(ranged({ '/model.safetensors': padded() }));
    await expectWorks(await loadHere(`${url}/model.safetensors?key=1`));
    expect(requests).toHaveLength(2);
    expect(requests.every((request) => request.startsWith('/model.safetensors?key=1 bytes='))).toBe(true);
    await expectWorks(await loadHere(new URL(`${url}/`)));
  });

  test('a server without ranges is asked once for the whole', async () => {
    const bytes = padded();
    const url = await serve((_, response) => response.end(bytes));
    await expectWorks(await loadHere(`${url}/model.safetensors`));
    expect(requests).toHaveLength(1);
  });

  test('shards by an index at an address', async () => {
    const index = { weight_map: { table: 'part 1.safetensors' } };
    const files = {
      '/m/model.safetensors.index.json': new TextEncoder().encode(JSON.stringify(index)),
      '/m/part%201.safetensors': WEIGHTS,
    };
    const url = await serve(ranged(files));
    await expectWorks(await loadHere(`${url}/m/model.safetensors.index.json`));
    await expectWorks(await loadHere(`${url}/m/`));
  });

  test('missing files, failing servers and broken answers', async () => {
    const url = await serve(ranged({}));
    await expect(loadHere(`${url}/model.safetensors`)).rejects.toMatchObject({ code: 'file_not_found' });
    const failing = await serve((_, response) => response.writeHead(500).end());
    await expect(loadHere(`${failing}/w`)).rejects.toThrow(/answered 500/);
    const short = await serve((_, response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 0-1048575/9000000' });
      response.end('short');
    });
    await expect(loadHere(`${short}/w`)).rejects.toMatchObject({ code: 'read_failed' });
    await expect(loadHere('http://127.0.0.1:1/w')).rejects.toMatchObject({ code: 'read_failed' });
  });

  test('a busy server is asked again', async () => {
    const bytes = padded();
    let asked = 0;
    const url = await serve((request, response) =>
      ++asked === 2 ? response.writeHead(503).end() : ranged({ '/w': bytes })(request, response),
    );
    await expectWorks(await loadHere(`${url}/w`));
    expect(asked).toBe(3);
  });
});

describeOnDevice('bundles', () => {
  test('a folder whose manifest leaves the WGSL to files', async () => {
    const plan = bigramPlan();
    const bundle = join(folder, 'bundle');
    await mkdir(join(bundle, 'kernels'), { recursive: true });
    for (const { name, wgsl } of plan.kernels) await writeFile(join(bundle, 'kernels', `${name}.wgsl`), wgsl);
    const kernels = plan.kernels.map((kernel) => ({ ...kernel, wgsl: '' }));
    await writeFile(join(bundle, 'manifest.json'), JSON.stringify({ ...plan, kernels }));
    const options = { weights: WEIGHTS, device: opened.device };
    await expectWorks(await load(bundle, options));
    await expectWorks(await load(join(bundle, 'manifest.json'), options));
    await writeFile(join(bundle, 'manifest.json'), '{}');
    await expect(load(bundle, options)).rejects.toMatchObject({ code: 'bad_bundle' });
    await expect(load(join(folder, 'none'), options)).rejects.toMatchObject({ code: 'file_not_found' });
  });

  const [first] = bigramPlan().weights;
  const prefill = bigramPlan().programs.prefill[0];
  test.each([
    ['another schema', { ...bigramPlan(), schema: 7 as never }, /schema is 7/],
    [
      'an unknown fold',
      bigramPlan({ weights: first === undefined ? [] : [{ ...first, fold: ['add'] }] }),
      /folded with `add`/,
    ],
    [
      'a state outside',
      bigramPlan({ states: bigramPlan().states.map((s) => ({ ...s, bytes: 512 })) }),
      /does not fit buffer `state`/,
    ],
    [
      'a binding that is off',
      bigramPlan({
        programs: {
          ...bigramPlan().programs,
          last:
            prefill === undefined
              ? []
              : [{ ...prefill, bindings: prefill.bindings.map((b) => ({ ...b, byteOffset: 16 })) }],
        },
      }),
      /not a multiple of 256/,
    ],
  ])('%s is told as a damaged bundle', async (_, plan, message) => {
    await expect(loadHere(WEIGHTS, plan)).rejects.toThrow(message);
  });
});

describeOnDevice('devices', () => {
  test('none, no adapter, features and limits that are missing', async () => {
    const gpu = { requestAdapter: () => Promise.resolve(null) };
    await expect(load(bigramPlan(), { weights: WEIGHTS, gpu })).rejects.toMatchObject({ code: 'no_adapter' });
    await expect(load(bigramPlan(), { weights: WEIGHTS })).rejects.toMatchObject({ code: 'no_webgpu' });
    await expect(load(bigramPlan())).rejects.toMatchObject({ code: 'bad_weights_input' });
    const requires = { features: ['shader-f16'], limits: { maxBufferSize: 2 ** 50 } };
    await expect(loadHere(WEIGHTS, bigramPlan({ requires: { ...requires, limits: {} } }))).rejects.toThrow(
      /lacks `shader-f16`, needed by the plan/,
    );
    await expect(loadHere(WEIGHTS, bigramPlan({ requires: { ...requires, features: [] } }))).rejects.toThrow(
      /`maxBufferSize` is \d+ here, but the plan needs 1125899906842624/,
    );
    const kernels = bigramPlan().kernels.map((kernel) => ({ ...kernel, workgroup: [4096, 1, 1] as const }));
    await expect(loadHere(WEIGHTS, bigramPlan({ kernels }))).rejects.toThrow(/kernel `run` needs 4096/);
  });

  test('the runtime finds and frees a device itself where it is given a gpu', async () => {
    const { gpu, close } = await openDevice({ kind: 'software' });
    const model = await load(bigramPlan(), { weights: WEIGHTS, gpu });
    expect(model.device.features.has('timestamp-query')).toBe(true);
    expect(model.device.limits.maxComputeWorkgroupStorageSize).toBeGreaterThan(16_384);
    await expectWorks(model);
    expect(await model.lost).toMatchObject({ code: 'device_lost' });
    close();
  });

  test('WGSL that does not compile names the kernel and the line', async () => {
    const kernels = bigramPlan().kernels.map((kernel) =>
      kernel.name === 'last' ? { ...kernel, wgsl: `${kernel.wgsl}\nlet x = ;` } : kernel,
    );
    const failure = loadHere(WEIGHTS, bigramPlan({ kernels }));
    await expect(failure).rejects.toMatchObject({ code: 'kernel_refused' });
    await expect(failure).rejects.toThrow(/kernel `last`:\nline \d+:\d+: /);
  });

  test('memory that the GPU does not have', async () => {
    const device = new Proxy(opened.device, {
      get: (target, key) => {
        if (key === 'createBuffer')
          return () => {
            throw new RangeError('too large');
          };
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await expect(load(bigramPlan(), { weights: WEIGHTS, device })).rejects.toMatchObject({
      code: 'out_of_memory',
    });
  });

  test('a lost device is told, and a session goes on from bytes on a new one', async () => {
    const own = await openSoftwareDevice();
    const model = await load(bigramPlan(), { weights: WEIGHTS, device: own.device });
    const session = await model.session();
    await session.prefill([1, 2, 3]);
    const snapshot = await session.snapshot();
    const bytes = await snapshot.toBytes();
    const reading = session.logits().catch((cause: unknown) => cause);
    own.device.destroy();
    expect(await model.lost).toMatchObject({ code: 'device_lost' });
    expect(await reading).not.toBeInstanceOf(TypeError);
    await expect(session.prefill([1])).rejects.toMatchObject({ code: 'device_lost' });
    await expect(model.session()).rejects.toMatchObject({ code: 'device_lost' });
    own.close();
    const next = await loadHere(WEIGHTS);
    const revived = await next.sessionFromBytes(bytes);
    await revived.prefill([4, 5]);
    expect([...(await revived.logits())]).toEqual(expectedLogits([1, 2, 3, 4, 5]).at(-1));
    next.destroy();
  });
});
