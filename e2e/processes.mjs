/** A program and all that it has started. */

import { readdirSync, readFileSync } from 'node:fs';

/** The ids of a process and of all its descendants, as they are now. */
export function processesOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const found = [pid];
  for (const parent of found) {
    found.push(...all.filter((child) => parentOf(child) === parent));
  }
  return found;
}

function parentOf(pid) {
  try {
    // The name before it is in brackets, and may hold anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1).trim().split(' ')[1]);
  } catch {
    // It has ended.
    return undefined;
  }
}

/** Sends a signal to all of them that are still there. */
export function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}
