/** A user's path and the list's. */

/** The path of the list that a user's `path` is in. */
export const listOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
