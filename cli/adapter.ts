// Opens a WebGPU device in Node: the system's GPU through Dawn, or the software adapter.
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  deviceRefused,
  featuresMissing,
  limitTooLow,
  noGpuAdapter,
  noSoftwareAdapter,
  packageMissing,
} from './errors.ts';
import { loadLibrary, unpackSoftwareDriver, useSoftwareDriver } from './software-adapter.ts';

/** `auto` is a real GPU where there is one, else the software adapter. */
export type AdapterKind = 'auto' | 'gpu' | 'software';

export interface OpenOptions {
  readonly kind: AdapterKind;
  /** Features without which there is no use in a device. */
  readonly requiredFeatures?: readonly string[];
  /** Features to ask for where the adapter has them; `all` asks for every one it has. */
  readonly optionalFeatures?: readonly string[] | 'all';
  /** Limits by their WebGPU names; `all` asks for the most the adapter has. */
  readonly requiredLimits?: Readonly<Record<string, number>> | 'all';
  /** Dawn's own flags: `enable-dawn-features=allow_unsafe_apis`. */
  readonly flags?: readonly string[];
}

export interface OpenedDevice {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  /** What a person calls the adapter. */
  readonly name: string;
  /** True for an adapter that runs on the CPU. */
  readonly software: boolean;
  /** Destroys the device and lets Node exit. */
  readonly close: () => void;
}

interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
}

/**
 * Opens a device. WebGPU's own constants (`GPUBufferUsage` …) are global afterwards, as in a browser. Throws a UsageError that says
 * what to do when there is no adapter, or when it lacks a feature or a limit.
 */
export async function openDevice(options: OpenOptions): Promise<OpenedDevice> {
  const found = await findAdapter(options.kind, options.flags ?? []);
  const name = adapterName(found.adapter.info);
  const device = await requestDevice(found.adapter, name, options);
  const release = keepAlive([device]);
  const close = (): void => {
    device.destroy();
    release();
  };
  return { ...found, device, name, software: isSoftware(found.adapter.info), close };
}

/** WebGPU in Node, with an adapter of this kind to be had from it. Throws what `openDevice` does where there is none. */
export async function findGpuOfNode(kind: AdapterKind): Promise<GPU> {
  return (await findAdapter(kind, [])).gpu;
}

/**
 * Our kernels never read workgroup memory that they have not written, and the software driver compiles Dawn's zeroing of it word by
 * word: with it, a model's kernels take ten times as long to compile.
 */
const SOFTWARE_FLAGS = ['enable-dawn-features=disable_workgroup_init'];

async function findAdapter(kind: AdapterKind, flags: readonly string[]): Promise<FoundAdapter> {
  if (kind !== 'software') {
    const found = await findGpu(flags);
    if (found !== null) return found;
    if (kind === 'gpu') throw noGpuAdapter();
    // Only Linux has the package's driver; elsewhere the lack of a GPU is what the user should hear of.
    if (process.platform !== 'linux') throw noGpuAdapter();
  }
  await useSoftwareDriver();
  const found = await requestAdapter([...SOFTWARE_FLAGS, ...flags]);
  if (found === null) throw noSoftwareAdapter();
  return found;
}

/** The system's GPU, or null. On Linux nothing is asked of Dawn where no driver is installed, because it then prints warnings. */
async function findGpu(flags: readonly string[]): Promise<FoundAdapter | null> {
  if (process.platform === 'linux' && !(await prepareVulkan())) return null;
  const found = await requestAdapter(flags);
  return found === null || isSoftware(found.adapter.info) ? null : found;
}

/** True where a Vulkan driver is installed and a loader for it is to be had, from the system or from the package. */
async function prepareVulkan(): Promise<boolean> {
  const named = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];
  const isNamed = named.some((name) => process.env[name] && !process.env[name]?.includes('swiftshader'));
  const usual = isNamed || driverFolders().some(hasDriver);
  if (!usual && !hasDriver(CONTAINER_DRIVERS)) return false;
  // Containers mount NVIDIA's driver where the loader does not look.
  if (!usual) process.env['VK_ADD_DRIVER_FILES'] = CONTAINER_DRIVERS;
  if (loadLibrary('libvulkan.so.1')) return true;
  return unpackSoftwareDriver().then(
    (driver) => loadLibrary(driver.loader),
    () => false,
  );
}

const CONTAINER_DRIVERS = '/usr/local/nvidia/share/vulkan/icd.d';

/** Where the Vulkan loader looks for driver descriptions on Linux. */
function driverFolders(): readonly string[] {
  const shares = (process.env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share').split(':');
  const user = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  return ['/etc', ...shares, user].map((folder) => join(folder, 'vulkan/icd.d'));
}

function hasDriver(folder: string): boolean {
  try {
    return readdirSync(folder).some((file) => file.endsWith('.json'));
  } catch {
    return false;
  }
}

async function requestAdapter(flags: readonly string[]): Promise<FoundAdapter | null> {
  const { create, globals } = await importDawn();
  Object.assign(globalThis, globals);
  const gpu = create([...flags]);
  // Dawn aborts when one of these is collected while its threads still use it, which may be after a device is closed; so they are kept
  // as long as the process lives. They do not keep Node from exiting.
  keepAlive([gpu]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return null;
  keepAlive([adapter]);
  return { gpu, adapter };
}

async function importDawn(): Promise<typeof import('webgpu')> {
  return import('webgpu').catch((cause: unknown) => {
    throw packageMissing('webgpu', 'it is the WebGPU of Node', cause);
  });
}

async function requestDevice(adapter: GPUAdapter, name: string, options: OpenOptions): Promise<GPUDevice> {
  const descriptor = {
    requiredFeatures: chooseFeatures(adapter, name, options),
    requiredLimits: chooseLimits(adapter, name, options.requiredLimits ?? {}),
  };
  return adapter.requestDevice(descriptor).catch((cause: unknown) => {
    throw deviceRefused(name, cause);
  });
}

function chooseFeatures(adapter: GPUAdapter, name: string, options: OpenOptions): GPUFeatureName[] {
  const has: ReadonlySet<string> = adapter.features;
  const required = options.requiredFeatures ?? [];
  const missing = required.filter((feature) => !has.has(feature));
  if (missing.length > 0) throw featuresMissing(name, missing);
  const optional = options.optionalFeatures ?? [];
  const extra = optional === 'all' ? [...has] : optional.filter((feature) => has.has(feature));
  // Every name is one the adapter itself reported, so it is a feature name of this WebGPU.
  return [...new Set([...required, ...extra])] as GPUFeatureName[];
}

function chooseLimits(
  adapter: GPUAdapter,
  name: string,
  wanted: Readonly<Record<string, number>> | 'all',
): Record<string, number> {
  const has = readLimits(adapter.limits);
  if (wanted === 'all') return { ...has };
  for (const [limit, value] of Object.entries(wanted)) {
    const offered = has[limit] ?? 0;
    const isMinimum = limit.startsWith('min');
    if (isMinimum ? offered > value : offered < value) throw limitTooLow(name, limit, value, offered);
  }
  return { ...wanted };
}

/** The limits live as getters on the prototype, in Dawn as in browsers. */
function readLimits(limits: GPUSupportedLimits): Readonly<Record<string, number>> {
  const entries: [string, number][] = [];
  for (const key in limits) {
    const value: unknown = Reflect.get(limits, key);
    if (typeof value === 'number') entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function isSoftware(info: GPUAdapterInfo): boolean {
  const words = `${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/.test(words);
}

function adapterName(info: GPUAdapterInfo): string {
  if (info.architecture === 'swiftshader') return 'SwiftShader (software)';
  return info.device || info.description || `${info.vendor} ${info.architecture}`.trim() || 'unknown adapter';
}

/**
 * Dawn aborts the process when a GPU or adapter object is collected while it is in use, and Node stays alive while one is
 * referenced; so they are global exactly as long as they are needed.
 */
function keepAlive(objects: readonly object[]): () => void {
  const key = Symbol('hyb device');
  Reflect.set(globalThis, key, objects);
  return () => {
    Reflect.deleteProperty(globalThis, key);
  };
}
