/** Building what is seen: elements and icons, without markup in strings that others fill. */

type Child = Node | string | null;

interface Attributes {
  [name: string]: string | number | boolean | null | ((event: Event) => void);
}

/** Makes an element. Attributes that are functions are handlers of the event of that name; false and null leave one out. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else if (value !== false && value !== null) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Draws an icon by its strokes on a grid of 24; it says nothing to a screen reader, the word beside it does. */
export function icon(strokes: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', strokes);
  svg.append(path);
  return svg;
}

/** A face: initials on a disc. */
export function face(letters: string): HTMLElement {
  return element('span', { class: 'face', 'aria-hidden': 'true' }, letters);
}

/** The mark and the name, for a page that is served below `base`. */
export function brand(base: string): HTMLElement {
  return element('span', { class: 'brand' }, element('img', { src: `${base}mark.svg`, alt: '', width: 28, height: 28 }), 'Offhook');
}
