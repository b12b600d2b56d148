// The messages of the checker, by what they are about.
export * from './errors/arguments.ts';
export * from './errors/attend.ts';
export * from './errors/axes.ts';
export * from './errors/bodies.ts';
export * from './errors/filters.ts';
export * from './errors/model.ts';
export * from './errors/names.ts';
export * from './errors/scaled.ts';
