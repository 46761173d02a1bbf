import { rememberScript } from './hosts';

// Only the file that a server serves has this name; in a bundle, the address would be that of the page's own server.
rememberScript(import.meta.url, /\/offhook\.mjs$/);

export * from './index';
export { default } from './index';
