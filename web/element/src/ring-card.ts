/** The first face of a call, for who is rung: who it is, with what, and the answers. */

import type { DirectCall } from 'offhook';

import { element, face, icon } from '../../look/element';
import { END, HOLD, PHONE, VIDEO } from '../../look/icons';
import { initials, nameOf } from './words';

export interface RingAnswers {
  onAnswer(): void;
  onHoldAndAnswer(): void;
  onEndAndAnswer(): void;
  onDecline(): void;
}

let count = 0;

export class RingCard {
  readonly element: HTMLElement;
  private readonly first: HTMLButtonElement;

  /** `talkingTo` is who is in the call that goes on meanwhile. */
  constructor(call: DirectCall, talkingTo: string | null, answers: RingAnswers) {
    const name = nameOf(call.caller);
    const strokes = call.isVideoCall ? VIDEO : PHONE;
    const id = `ring-${(count += 1)}`;
    const decline = button('bad', 'decline', END, 'Decline', answers.onDecline);
    let rows: HTMLElement[];
    if (talkingTo === null) {
      this.first = button('good', 'answer', strokes, 'Answer', answers.onAnswer);
      rows = [element('div', { class: 'pair' }, decline, this.first)];
    } else {
      this.first = button('good', 'answer', HOLD, `Hold ${talkingTo} and answer`, answers.onHoldAndAnswer);
      const end = button('', 'answer', strokes, 'End and answer', answers.onEndAndAnswer);
      rows = [element('div', { class: 'stack' }, this.first, end, decline)];
    }
    this.element = element(
      'section',
      { class: 'ring-card', part: 'ring', role: 'alertdialog', 'aria-labelledby': id, 'aria-describedby': `${id}-kind` },
      element(
        'div',
        { class: 'who' },
        element('span', { class: 'pulse' }, face(initials(name))),
        element(
          'div',
          {},
          element('h2', { id }, name),
          element('p', { id: `${id}-kind`, class: 'quiet' }, call.isVideoCall ? 'Incoming video call' : 'Incoming audio call'),
        ),
      ),
      ...rows,
    );
  }

  /** Puts the keyboard on the first answer, unless the user is writing. */
  takeFocus(): void {
    const active = document.activeElement;
    const isWriting = active instanceof HTMLElement && (active.isContentEditable || active.matches('input, textarea, select'));
    if (!isWriting) {
      this.first.focus();
    }
  }
}

function button(look: string, part: string, strokes: string, words: string, onPress: () => void): HTMLButtonElement {
  return element('button', { class: `button ${look}`, part, type: 'button', click: () => onPress() }, icon(strokes), words);
}
