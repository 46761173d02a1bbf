import { rememberScript } from './hosts';

if (typeof document !== 'undefined') {
  rememberScript((document.currentScript as HTMLScriptElement | null)?.src, /\/offhook\.js$/);
}

export * from './index';
export { default } from './index';
