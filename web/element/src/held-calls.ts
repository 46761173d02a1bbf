/** The calls that wait behind the one that is shown, each with a way back. */

import { element, icon } from '../../look/element';
import { RESUME } from '../../look/icons';
import type { Stage } from './stage';

export class HeldCalls {
  readonly element = element('div', { class: 'held', part: 'held', hidden: true });
  private readonly onResume: (stage: Stage) => void;

  constructor(onResume: (stage: Stage) => void) {
    this.onResume = onResume;
  }

  show(stages: readonly Stage[]): void {
    const words = stages.map((stage) => `${stage.peer} is on hold`);
    // Drawn anew only if it says something else: who has the keyboard on a button keeps it.
    if (words.join() === this.element.dataset['words']) {
      return;
    }
    this.element.dataset['words'] = words.join();
    this.element.hidden = stages.length === 0;
    this.element.replaceChildren(
      ...stages.map((stage, index) =>
        element(
          'div',
          { class: 'held-call' },
          element('span', {}, words[index] ?? ''),
          element('button', { class: 'small', type: 'button', click: () => this.onResume(stage) }, icon(RESUME), 'Switch'),
        ),
      ),
    );
  }
}
