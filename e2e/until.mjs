/** Waiting for conditions: a deadline for each, no fixed pauses. */

import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 25;
/** How long to wait where a test makes no claim about time: far above what a busy machine needs. */
export const PATIENCE_MS = 60_000;

/** Asks `condition` again and again until it gives something truthy, which is returned; fails when the time is over. */
export async function until(what, condition, { within = PATIENCE_MS } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await condition();
    if (found) {
      return found;
    }
    if (Date.now() >= deadline) {
      throw new Error(`waited ${within} ms in vain for ${what}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Awaits `promise`, but not for ever. `describe` may add what is known when the time is over. */
export async function inTime(what, promise, { within = PATIENCE_MS, describe = async () => '' } = {}) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, within, null);
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), late]);
    if (first === null) {
      throw new Error(`waited ${within} ms in vain for ${what}${await describe()}`);
    }
    return first.value;
  } finally {
    clearTimeout(timer);
  }
}
