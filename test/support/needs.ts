// Tests that need something of the machine: skipped with a reason where it is missing, but never where a run says it must be there.

/** Set to 1 where everything must run: then what is missing is a failure. */
const MUST_RUN = process.env['HYB_REQUIRE_ADAPTER'] === '1';

/** Whether to skip for this reason. Throws instead where everything must run. */
export function skipFor(reason: string | undefined): boolean {
  if (reason !== undefined && MUST_RUN) throw new Error(`HYB_REQUIRE_ADAPTER=1, but ${reason}`);
  return reason !== undefined;
}

/** Why there is no software adapter here, or undefined where there is one. */
export function softwareAdapterMissing(): string | undefined {
  return process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : 'the software adapter is for Linux on x86-64';
}
