/** What is there while there is no call: whom to ring, with sound or with picture too. */

import type * as Sdk from 'offhook';

import { element, face, icon } from '../../look/element';
import { PHONE, VIDEO } from '../../look/icons';
import { CONNECTION, initials } from './words';

export class Offer {
  readonly element = element('section', { class: 'card offer', part: 'offer', hidden: true });
  private readonly status = element('p', { class: 'quiet', role: 'status' });
  private readonly who = element('div', { class: 'who' });
  private readonly buttons: HTMLButtonElement[];
  private problem = '';
  private state: Sdk.ConnectionState = 'closed';
  private userId = '';

  constructor(onDial: (userId: string, isVideoCall: boolean) => void) {
    const button = (isVideoCall: boolean) =>
      element(
        'button',
        { class: isVideoCall ? 'button accent' : 'button', type: 'button', part: 'dial', click: () => onDial(this.userId, isVideoCall) },
        icon(isVideoCall ? VIDEO : PHONE),
        isVideoCall ? 'Video call' : 'Audio call',
      );
    this.buttons = [button(false), button(true)];
    this.element.append(this.who, element('div', { class: 'pair' }, ...this.buttons));
  }

  show(userId: string): void {
    this.userId = userId;
    this.element.hidden = userId === '';
    this.who.replaceChildren(face(initials(userId)), element('div', {}, element('h2', {}, userId), this.status));
  }

  showConnection(state: Sdk.ConnectionState): void {
    this.state = state;
    this.refresh();
  }

  explain(problem: string): void {
    this.problem = problem;
    this.refresh();
  }

  private refresh(): void {
    this.status.textContent = this.problem || CONNECTION[this.state];
    this.status.classList.toggle('problem', this.problem !== '');
    for (const button of this.buttons) {
      button.disabled = this.state !== 'connected';
    }
  }
}
