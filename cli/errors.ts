// Everything the command line itself may refuse, in the user's terms.

/** A mistake or a lack the user can mend: printed without a stack, exit code 1. */
export class UsageError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
    this.code = code;
  }
}

export function packageMissing(name: string, purpose: string, cause: unknown): UsageError {
  const message =
    `the optional package '${name}' is not installed; ${purpose}\n` +
    `help: npm install ${name}   (npm leaves it out with --omit=optional and on systems it does not support)`;
  return new UsageError('package missing', message, { cause });
}

export function noGpuAdapter(): UsageError {
  const advice: Readonly<Record<string, string>> = {
    linux: 'install the Vulkan driver of your GPU (Mesa, or the vendor’s), then `vulkaninfo` should list it',
    darwin: 'WebGPU needs macOS 12 or later with Metal; in a virtual machine there is often no GPU',
    win32: 'update the driver of your graphics card; Direct3D 12 or Vulkan is needed',
  };
  const help = advice[process.platform] ?? 'no WebGPU is known to work on this system';
  return new UsageError(
    'no adapter',
    `no GPU adapter was found\nhelp: ${help}, or use --device software or --device reference`,
  );
}

export function noSoftwareAdapter(): UsageError {
  const tried =
    process.platform === 'linux' && process.arch === 'x64'
      ? 'the software adapter did not start'
      : `the software adapter exists for Linux on x86-64 only, and this is ${process.platform} ${process.arch}`;
  return new UsageError(
    'no adapter',
    `${tried}\nhelp: use --device gpu, or --device reference, which is slow and needs nothing`,
  );
}

export function featuresMissing(adapter: string, features: readonly string[]): UsageError {
  return new UsageError(
    'feature missing',
    `the adapter '${adapter}' lacks ${features.map((name) => `'${name}'`).join(', ')}`,
  );
}

export function limitTooLow(adapter: string, name: string, wanted: number, has: number): UsageError {
  return new UsageError(
    'limit too low',
    `the adapter '${adapter}' has ${name} = ${has}, and ${wanted} is needed`,
  );
}

export function deviceRefused(adapter: string, cause: unknown): UsageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UsageError('no device', `the adapter '${adapter}' gave no device: ${reason}`, { cause });
}
