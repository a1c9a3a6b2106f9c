/** The same, with nothing in it that may be changed. What is shown to others is theirs to read only. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
