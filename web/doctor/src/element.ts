/** Building the page: elements and icons, without markup in strings. */

type Child = Node | string | null;

interface Attributes {
  [name: string]: string | ((event: Event) => void);
}

/** Makes an element. Attributes that are functions are handlers. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Strokes of the icons, on a grid of 24. */
const ICONS = {
  ok: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM8 12.3l2.8 2.8 5.2-5.6',
  warning: 'M12 4 21 19.5H3L12 4ZM12 10v4.2M12 16.8v.2',
  failed: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM9 9l6 6M15 9l-6 6',
  absent: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM8.5 12h7',
  locked: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  testing: 'M12 3a9 9 0 1 1-9 9',
} as const;

export type IconName = keyof typeof ICONS;

/** Draws an icon; it says nothing to a screen reader, the word beside it does. */
export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
