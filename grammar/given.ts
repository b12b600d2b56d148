// Optional fields of a node: an absent value leaves its field out.

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The fields that have a value. */
export function given<T extends Readonly<Record<string, unknown>>>(fields: T): Present<T> {
  const present: Present<T> = {};
  for (const key in fields) {
    const value = fields[key];
    // Only fields that are not undefined are copied, which is what the type says.
    if (value !== undefined) present[key] = value as Exclude<T[typeof key], undefined>;
  }
  return present;
}
