// Emission: a plan as the files of a bundle. ts-morph and prettier load with this folder and nowhere else.
export { emitBundle, manifestText } from './emit.ts';
export type { BundleFile, EmitOptions } from './emit.ts';
