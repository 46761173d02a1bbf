/** A program and all that it has started. */

import { execFileSync } from 'node:child_process';

/** The ids of a process and of all its descendants, as they are now. */
export function processesOf(pid) {
  const parents = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) {
    found.push(...parents.filter(([, ppid]) => ppid === parent).map(([child]) => child));
  }
  return found;
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
