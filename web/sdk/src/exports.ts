/** Every public name. */
export * from './enums';
export * from './face';
export * from './options';
export type * from './surface';
