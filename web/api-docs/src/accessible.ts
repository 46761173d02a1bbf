/** What the renderer lacks for those who do not see well, or use a keyboard. */

/** Its own colours of methods and warnings are too pale on a light ground (WCAG 2.2, 1.4.3), and on a phone its text touches the edge. */
const STYLE = `
  .get.method-fg, .get.as-colored-text { color: light-dark(#0a629f, #47afe8) !important; }
  .post.method-fg, .post.as-colored-text { color: light-dark(#3f6200, #8fc73e) !important; }
  .put.method-fg, .put.as-colored-text { color: light-dark(#8a5000, #ff9900) !important; }
  .delete.method-fg, .delete.as-colored-text, .red-text { color: light-dark(#b3261e, #ff8a85) !important; }
  @media (max-width: 600px) { .section-gap, .section-gap--read-mode { padding: 24px 16px !important; } }
`;

/** Names title, fields and list, lets the keyboard scroll what scrolls, and deepens colours; of all that is shown later, too. */
export function makeAccessible(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const mend = (within: ShadowRoot) => {
    for (const field of within.querySelectorAll<HTMLElement>('input, select, textarea')) {
      if (!field.hasAttribute('aria-label')) field.setAttribute('aria-label', nameOf(field));
    }
    for (const title of within.querySelectorAll('#api-title')) {
      title.setAttribute('role', 'heading');
      title.setAttribute('aria-level', '1');
    }
    within.querySelector('nav')?.setAttribute('aria-label', 'Operations');
    for (const block of within.querySelectorAll('pre:not([tabindex])')) block.setAttribute('tabindex', '0');
    for (const element of within.querySelectorAll('*')) if (element.shadowRoot !== null) watch(element.shadowRoot);
  };
  const watched = new WeakSet<ShadowRoot>();
  const watch = (within: ShadowRoot) => {
    if (watched.has(within)) return;
    watched.add(within);
    within.adoptedStyleSheets.push(sheet);
    new MutationObserver(() => mend(within)).observe(within, { childList: true, subtree: true });
    mend(within);
  };
  watch(root);
}

function nameOf(field: HTMLElement): string {
  return field.dataset['pname'] || field.getAttribute('placeholder') || field.getAttribute('name') || 'Value';
}
