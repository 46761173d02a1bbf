/** The form for who came without a link. */

import { brand, element } from '../../look/element';
import type { Account } from './link';

export class SignIn {
  readonly element: HTMLElement;

  constructor(account: Account | null, problem: string, onSubmit: (account: Account) => void) {
    const application = field('app', 'Application', account?.appId ?? '', { required: true, class: 'code' });
    const user = field('user', 'User', account?.userId ?? '', { required: true, autocomplete: 'username' });
    const token = field('token', 'Token', account?.token ?? '', { type: 'password', class: 'code', autocomplete: 'off' });
    const form = element(
      'form',
      {
        class: 'card sign-in',
        submit: (event) => {
          event.preventDefault();
          onSubmit({
            appId: application.input.value.trim(),
            userId: user.input.value.trim(),
            token: token.input.value.trim(),
            peerId: account?.peerId ?? '',
          });
        },
      },
      element('h1', {}, 'Sign in'),
      element(
        'p',
        { class: 'quiet' },
        'The command ',
        element('code', {}, 'offhook demo'),
        ' prints two links that fill this in.',
      ),
      problem === '' ? null : element('p', { class: 'problem', role: 'alert' }, problem),
      application.row,
      user.row,
      token.row,
      element('button', { class: 'button accent', type: 'submit' }, 'Sign in'),
    );
    this.element = element('main', { class: 'middle' }, brand(import.meta.env.BASE_URL), form);
  }
}

function field(name: string, label: string, value: string, attributes: Record<string, string | boolean>) {
  const input = element('input', { name, id: `field-${name}`, value, autocapitalize: 'none', spellcheck: 'false', ...attributes });
  const row = element('div', { class: 'field' }, element('label', { for: `field-${name}` }, label), input);
  return { row, input };
}
