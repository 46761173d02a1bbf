/**
 * Hooks for calls. They own the handlers (`onConnected` and the like) of the calls that they watch, and give them back
 * afterwards; a call is the same object as without React. Start reading at `watch.ts`.
 */

export { useCallDuration, useDirectCall, type DialOptions, type DirectCallHook } from './direct-call';
export { useIncomingCall, type AnswerOptions, type IncomingCall } from './incoming-call';
export { useMediaDevices, type MediaDevicesState } from './media-devices';
export { useCallSession, type CallSession, type SessionOptions } from './session';
export type { CallSnapshot, CallState } from './watch';
