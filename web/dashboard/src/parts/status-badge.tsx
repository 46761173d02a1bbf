/** How something is: a colour, an icon and a word, so that none of them speaks alone. */

import { CHECK, CLOCK, CROSS, Icon, LIVE, WARNING } from './icon';

export type Tone = 'good' | 'bad' | 'warning' | 'live' | 'quiet';

const ICONS: Record<Tone, string> = { good: CHECK, bad: CROSS, warning: WARNING, live: LIVE, quiet: CLOCK };

/** `word` in the colour of `tone`, behind that tone's icon or another. */
export function StatusBadge({ tone, word, icon = ICONS[tone] }: { tone: Tone; word: string; icon?: string }) {
  return (
    <span className={`badge ${tone}`}>
      <Icon strokes={icon} size={16} />
      {word}
    </span>
  );
}
