/** The first face of a call, for who is rung: who it is, with what, two buttons. */

import { element, face, icon } from './element';
import type { DirectCall } from './sdk';
import { initials, nameOf } from './words';

export interface RingAnswers {
  onAnswer(): void;
  onDecline(): void;
}

export class RingCard {
  readonly element: HTMLElement;
  private readonly answer: HTMLButtonElement;

  constructor(call: DirectCall, answers: RingAnswers) {
    const name = nameOf(call.caller);
    this.answer = element(
      'button',
      { class: 'button good', type: 'button', onclick: () => answers.onAnswer() },
      icon(call.isVideoCall ? 'video' : 'phone'),
      'Answer',
    );
    const decline = element(
      'button',
      { class: 'button bad', type: 'button', onclick: () => answers.onDecline() },
      icon('end'),
      'Decline',
    );
    this.element = element(
      'section',
      { class: 'ring-card', role: 'alertdialog', 'aria-labelledby': 'ring-name', 'aria-describedby': 'ring-kind' },
      element('div', { class: 'who' },
        element('span', { class: 'pulse' }, face(initials(name))),
        element('div', {},
          element('h2', { id: 'ring-name' }, name),
          element('p', { id: 'ring-kind', class: 'quiet' }, call.isVideoCall ? 'Incoming video call' : 'Incoming audio call'),
        ),
      ),
      element('div', { class: 'pair' }, decline, this.answer),
    );
  }

  /** Puts the keyboard on Answer, unless the user is writing. */
  takeFocus(): void {
    if (!(document.activeElement instanceof HTMLInputElement)) {
      this.answer.focus();
    }
  }
}
