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
  private readonly strokes: string;
  private readonly answers: RingAnswers;
  private readonly row = element('div', {});
  private first: HTMLButtonElement | null = null;
  private talkingTo: string | null = null;

  /** `talkingTo` is who is in the call that goes on meanwhile. */
  constructor(call: DirectCall, talkingTo: string | null, answers: RingAnswers) {
    const name = nameOf(call.caller);
    this.strokes = call.isVideoCall ? VIDEO : PHONE;
    this.answers = answers;
    const id = `ring-${(count += 1)}`;
    this.show(talkingTo);
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
      this.row,
    );
  }

  /** Offers the answers that fit: a call may begin or end while this one rings. */
  show(talkingTo: string | null): void {
    if (this.first !== null && talkingTo === this.talkingTo) {
      return;
    }
    const { answers, strokes } = this;
    const hasFocus = this.row.contains((this.row.getRootNode() as ShadowRoot).activeElement);
    this.talkingTo = talkingTo;
    const decline = button('bad', 'decline', END, 'Decline', answers.onDecline);
    if (talkingTo === null) {
      this.first = button('good', 'answer', strokes, 'Answer', answers.onAnswer);
      this.row.className = 'pair';
      this.row.replaceChildren(decline, this.first);
    } else {
      this.first = button('good', 'answer', HOLD, `Hold ${talkingTo} and answer`, answers.onHoldAndAnswer);
      const end = button('', 'answer', strokes, 'End and answer', answers.onEndAndAnswer);
      this.row.className = 'stack';
      this.row.replaceChildren(this.first, end, decline);
    }
    if (hasFocus) this.first.focus();
  }

  /** Puts the keyboard on the first answer, unless the user is writing. */
  takeFocus(): void {
    const active = document.activeElement;
    const isWriting = active instanceof HTMLElement && (active.isContentEditable || active.matches('input, textarea, select'));
    if (!isWriting) {
      this.first?.focus();
    }
  }
}

function button(look: string, part: string, strokes: string, words: string, onPress: () => void): HTMLButtonElement {
  return element('button', { class: `button ${look}`, part, type: 'button', click: () => onPress() }, icon(strokes), words);
}
