/** The results as plain text, for whoever helps. */

import { type CheckName, GROUPS, type Result, TITLES, WORDS } from './check';

interface Circumstances {
  readonly verdict: string;
  readonly page: string;
  readonly browser: string;
  readonly at: Date;
}

/** A duration as the page shows it. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Writes all of it down. No key and no credential is in it. */
export function report(results: ReadonlyMap<CheckName, Result>, { verdict, page, browser, at }: Circumstances): string {
  const lines = [`Offhook: can calls connect from here? ${verdict}`, ''];
  for (const { title, checks } of GROUPS) {
    lines.push(title);
    for (const name of checks) {
      const result = results.get(name);
      if (result === undefined) {
        continue;
      }
      const took = result.tookMs === undefined ? '' : ` (${seconds(result.tookMs)})`;
      lines.push(`  [${WORDS[result.outcome]}] ${TITLES[name]}: ${result.says}${took}`);
      if (result.wayOut !== undefined) {
        lines.push(`      What to do: ${result.wayOut}`);
      }
    }
    lines.push('');
  }
  lines.push(`Page     ${page}`, `Browser  ${browser}`, `Time     ${at.toISOString()}`);
  return lines.join('\n');
}
