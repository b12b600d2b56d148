// The lock file holds every package that any platform installs. A lock file written beside an existing node_modules can lack those of
// other platforms, and `npm ci` then refuses it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('every dependency of a locked package is locked', () => {
  const lock: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  const names = Object.keys(lock.packages);
  const missing = Object.entries(lock.packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !names.some((known) => known.endsWith(`node_modules/${name}`)))
      .map((name) => `${path || 'the project'}: ${name}`),
  );
  expect(names.length).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});
