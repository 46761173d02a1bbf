import { rememberScript } from './hosts';

if (typeof document !== 'undefined') {
  rememberScript((document.currentScript as HTMLScriptElement | null)?.src, /\/offhook\.js$/);
}

// The global is the face itself: whoever imports has the other forms.
export * from './exports';
