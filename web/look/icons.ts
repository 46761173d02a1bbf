/** Strokes of the icons of calls, on a grid of 24. */

export const PHONE =
  'M6.2 3.5h2.3l1.5 4-2 1.6a12 12 0 0 0 6.9 6.9l1.6-2 4 1.5v2.3a2.2 2.2 0 0 1-2.4 2.2A15.6 15.6 0 0 1 4 5.9a2.2 2.2 0 0 1 2.2-2.4Z';
export const VIDEO =
  'M4.5 6.5h9a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5ZM15 10.7l6-3.4v9.4l-6-3.4';
export const VIDEO_OFF =
  'M9.5 6.5h4A1.5 1.5 0 0 1 15 8v4m0 1.3 6 3.4V7.3l-6 3.4M15 16a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1-1.4M3 3l18 18';
export const MICROPHONE =
  'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3';
export const MICROPHONE_OFF =
  'M9 9v2.5a3 3 0 0 0 4.8 2.4M15 11V6.5a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10.5 5.1M18.5 11.5c0 .9-.2 1.8-.5 2.6M12 18v3M3 3l18 18';
export const SCREEN = 'M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5ZM8.5 20.5h7M12 13.5V8m-2.5 2.3L12 7.8l2.5 2.5';
export const HOLD = 'M9 5.5v13M15 5.5v13';
export const RESUME = 'M8 5.2v13.6L19 12 8 5.2Z';
export const RECORD = 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17ZM12 8.6a3.4 3.4 0 1 1 0 6.8a3.4 3.4 0 0 1 0-6.8Z';
export const DEVICES = 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0';
export const END = 'M2.5 13.8a13.4 13.4 0 0 1 19 0l-2 3.6-4.6-1.5-.5-3.2a11 11 0 0 0-4.8 0l-.5 3.2-4.6 1.5-2-3.6Z';
export const INCOMING = 'M18 6 7 17M7 8.5V17h8.5';
export const OUTGOING = 'M6 18 17 7M8.5 7H17v8.5';
