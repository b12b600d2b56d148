// A second WebGPU, wgpu with Naga, by way of npm's `deno` on the software driver: does it accept our WGSL?
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackSoftwareDriver } from '../../cli/software-adapter.ts';

export interface ShaderText {
  readonly name: string;
  readonly wgsl: string;
}

export interface ShaderVerdict {
  readonly name: string;
  /** What Naga says against it; empty where it accepts it. */
  readonly errors: readonly string[];
}

/** Why Naga cannot be asked here, or undefined where it can. */
export function nagaMissing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the software driver is for Linux on x86-64';
  return existsSync(denoBinary()) ? undefined : 'the package `deno` is not installed';
}

/** Has Naga read and validate every shader. No pipelines are made: the software driver would take seconds for each, and Naga has spoken by then. */
export async function askNaga(shaders: readonly ShaderText[]): Promise<readonly ShaderVerdict[]> {
  const driver = await unpackSoftwareDriver();
  const folder = await mkdtemp(join(tmpdir(), 'hyb-naga-'));
  try {
    await writeFile(join(folder, 'shaders.json'), JSON.stringify(shaders));
    await writeFile(join(folder, 'check.mjs'), CHECK);
    const { stdout } = await promisify(execFile)(
      denoBinary(),
      ['run', '-A', '--no-config', join(folder, 'check.mjs')],
      {
        cwd: folder,
        maxBuffer: 2 ** 28,
        env: {
          ...process.env,
          DENO_DIR: join(folder, 'deno'),
          DENO_NO_UPDATE_CHECK: '1',
          VK_ICD_FILENAMES: driver.description,
          LD_LIBRARY_PATH: driver.folder,
        },
      },
    );
    const verdicts: readonly ShaderVerdict[] = JSON.parse(stdout);
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What runs inside Deno. Prints the verdicts as JSON. */
const CHECK = `
const shaders = JSON.parse(await Deno.readTextFile('shaders.json'));
const adapter = await navigator.gpu.requestAdapter();
if (adapter === null) throw new Error('wgpu found no adapter');
const wanted = ['shader-f16', 'subgroups'].filter((feature) => adapter.features.has(feature));
const device = await adapter.requestDevice({ requiredFeatures: wanted });
const verdicts = [];
for (const { name, wgsl } of shaders) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: wgsl });
  const info = await module.getCompilationInfo?.();
  const error = await device.popErrorScope();
  const messages = (info?.messages ?? []).filter(({ type }) => type === 'error').map(({ message }) => message);
  verdicts.push({ name, errors: error === null ? messages : [...messages, error.message] });
}
console.log(JSON.stringify(verdicts));
Deno.exit(0);
`;

/** Deno's program lies in the package of the platform; the package \`deno\` itself only copies it. */
function denoBinary(): string {
  try {
    const require = createRequire(import.meta.url);
    const fromDeno = createRequire(require.resolve('deno/package.json'));
    return fromDeno.resolve('@deno/linux-x64-glibc/deno');
  } catch {
    return '';
  }
}
