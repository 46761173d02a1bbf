/** The page: a verdict, a row a test, and the report. */

import { brand, element } from '../../look/element';
import { type CheckName, GROUPS, type Result, TITLES, WORDS } from './check';
import { outcomeIcon } from './outcome-icon';
import { seconds } from './report';

export interface Actions {
  onTestAgain(): void;
}

const TESTING = 'Testing the way of calls…';

export class View {
  private readonly title = element('h1', { role: 'status' });
  private readonly subtitle = element('p', { class: 'quiet' });
  private readonly rows = new Map<CheckName, HTMLElement>();
  private readonly key = element(
    'section',
    { class: 'card key' },
    element('h2', {}, 'To test the relay'),
    element('p', {}, 'Run this on the server, and open the link that it prints, in this browser. It opens for 15 minutes.'),
    element('pre', {}, element('code', {}, 'offhook doctor')),
  );
  private readonly copy = element('button', { class: 'button accent', type: 'button', click: () => void this.copyReport() });
  private readonly again: HTMLButtonElement;
  private readonly text = element('pre', { class: 'report' });
  private readonly details = element('details', {}, element('summary', {}, 'The report as text'), this.text);
  private readonly ending = element('div', { class: 'end' });

  constructor(page: HTMLElement, actions: Actions) {
    this.again = element('button', { class: 'button', type: 'button', click: () => actions.onTestAgain() }, 'Test again');
    this.ending.append(element('div', { class: 'pair' }, this.copy, this.again), this.details);
    const groups = GROUPS.map(({ title, checks }) =>
      element('section', {}, element('h2', {}, title), element('ul', { class: 'checks' }, ...checks.map((name) => this.row(name)))),
    );
    page.replaceChildren(
      element(
        'header',
        {},
        brand(import.meta.env.BASE_URL),
        element('span', { class: 'quiet host' }, location.host),
      ),
      element('main', {}, element('div', { class: 'verdict' }, this.title, this.subtitle), ...groups, this.key, this.ending),
    );
  }

  /** Nothing is known yet. */
  start(): void {
    this.title.textContent = TESTING;
    this.subtitle.textContent = 'From this browser, to this server and its relay. It takes up to a minute.';
    this.key.hidden = true;
    this.ending.hidden = true;
    for (const [name, row] of this.rows) {
      row.hidden = name === 'relay';
      row.dataset.outcome = 'waiting';
      row.replaceChildren(outcomeIcon('testing'), words(name, 'Waits', null));
    }
    for (const name of ['page', 'socket', 'devices'] as const) {
      this.begin(name);
    }
  }

  /** A test runs. */
  begin(name: CheckName): void {
    this.draw(name, 'testing', outcomeIcon('testing'), words(name, 'Testing…', null));
  }

  /** A test is over. */
  show(name: CheckName, result: Result): void {
    this.draw(name, result.outcome, outcomeIcon(result.outcome), words(name, WORDS[result.outcome], result));
  }

  /** These say nothing. */
  hide(names: readonly CheckName[]): void {
    for (const name of names) {
      const row = this.rows.get(name);
      if (row !== undefined) {
        row.hidden = true;
      }
    }
  }

  /** Says how to get a key. */
  explainKey(): void {
    this.key.hidden = false;
  }

  /** All tests are over. */
  end(verdict: string, at: Date, report: string): void {
    this.title.textContent = verdict;
    this.subtitle.textContent = `Tested from this browser at ${at.toLocaleTimeString()}.`;
    this.text.textContent = report;
    this.copy.textContent = 'Copy the report';
    this.ending.hidden = false;
  }

  private row(name: CheckName): HTMLElement {
    const row = element('li', { 'data-check': name });
    this.rows.set(name, row);
    return row;
  }

  private draw(name: CheckName, state: string, ...children: Node[]): void {
    const row = this.rows.get(name);
    if (row !== undefined) {
      row.hidden = false;
      row.dataset.outcome = state;
      row.replaceChildren(...children);
    }
  }

  /** Where the browser gives no clipboard, as to an insecure page, the text is there to be copied by hand. */
  private async copyReport(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text.textContent ?? '');
      this.copy.textContent = 'Copied';
    } catch {
      this.details.open = true;
      getSelection()?.selectAllChildren(this.text);
      this.copy.textContent = 'Selected: copy it by hand';
    }
  }
}

function words(name: CheckName, word: string, result: Result | null): HTMLElement {
  const took = result?.tookMs === undefined ? null : element('span', { class: 'took' }, seconds(result.tookMs));
  return element(
    'div',
    { class: 'words' },
    element('div', { class: 'head' }, element('strong', {}, TITLES[name]), element('span', { class: 'word' }, word), took),
    result === null ? null : element('p', { class: 'quiet' }, result.says),
    result?.wayOut === undefined ? null : element('p', { class: 'way-out' }, ...marked(result.wayOut)),
  );
}

/** What stands between backticks is code. */
function marked(text: string): (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}
