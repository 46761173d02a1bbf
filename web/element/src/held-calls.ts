/** The calls that wait behind the one that is shown, each with a way back. */

import { element, icon } from '../../look/element';
import { RESUME } from '../../look/icons';
import type { Stage } from './stage';

export class HeldCalls {
  readonly element = element('div', { class: 'held', part: 'held', hidden: true });
  private readonly onResume: (stage: Stage) => void;
  private drawn: readonly { stage: Stage; words: string }[] = [];

  constructor(onResume: (stage: Stage) => void) {
    this.onResume = onResume;
  }

  show(stages: readonly Stage[]): void {
    const calls = stages.map((stage) => ({ stage, words: stage.waiting }));
    const isSame = calls.length === this.drawn.length && calls.every(({ stage, words }, index) => {
      const drawn = this.drawn[index];
      // Two peers may have one name.
      return drawn?.stage === stage && drawn.words === words;
    });
    // Drawn anew only if it is another: who has the keyboard on a button keeps it.
    if (isSame) {
      return;
    }
    this.drawn = calls;
    this.element.hidden = calls.length === 0;
    this.element.replaceChildren(
      ...calls.map(({ stage, words }) =>
        element(
          'div',
          { class: 'held-call' },
          element('span', {}, words),
          element('button', { class: 'small', type: 'button', click: () => this.onResume(stage) }, icon(RESUME), 'Switch'),
        ),
      ),
    );
  }
}
