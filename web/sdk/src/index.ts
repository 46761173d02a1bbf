/**
 * The face of the package: `import SendBirdCall from`, `import * as SendBirdCall from` and named imports all work.
 *
 * Start reading at `client.ts`, which puts the parts together: `session/` (who is signed in), `signal/` (HTTP and the
 * socket), `call/` (what a call is and tells), `media/` (the only place that knows WebRTC).
 */
export * from './exports';
export * as default from './exports';
