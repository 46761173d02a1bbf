/** A way between two devices that can be cut: packets to some UDP ports of this machine are dropped. */

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/**
 * Drops what is sent to these UDP ports until the function that is returned is called. Needs root, as the rest of the
 * set-up does.
 */
export function cut(ports) {
  const table = `offhook_${randomUUID().replaceAll('-', '')}`;
  const rules = `table inet ${table} {
    chain out {
      type filter hook output priority 0;
      udp dport { ${ports.join(', ')} } drop
    }
  }`;
  execFileSync('nft', ['-f', '-'], { input: rules, stdio: ['pipe', 'pipe', 'inherit'] });
  return () => execFileSync('nft', ['delete', 'table', 'inet', table]);
}
