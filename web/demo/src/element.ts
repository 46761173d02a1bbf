/** Building the page: elements and icons, without markup in strings that others fill. */

type Child = Node | string | null;

interface Attributes {
  [name: string]: string | number | boolean | null | ((event: Event) => void);
}

/** Makes an element. Attributes that start with `on` are handlers; false and null leave an attribute out. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name.replace(/^on/, ''), value);
    } else if (value !== false && value !== null) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Strokes of the icons, on a grid of 24. */
const ICONS = {
  phone: 'M6.2 3.5h2.3l1.5 4-2 1.6a12 12 0 0 0 6.9 6.9l1.6-2 4 1.5v2.3a2.2 2.2 0 0 1-2.4 2.2A15.6 15.6 0 0 1 4 5.9a2.2 2.2 0 0 1 2.2-2.4Z',
  video: 'M4.5 6.5h9a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5ZM15 10.7l6-3.4v9.4l-6-3.4',
  videoOff: 'M9.5 6.5h4A1.5 1.5 0 0 1 15 8v4m0 1.3 6 3.4V7.3l-6 3.4M15 16a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1-1.4M3 3l18 18',
  microphone: 'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  microphoneOff: 'M9 9v2.5a3 3 0 0 0 4.8 2.4M15 11V6.5a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10.5 5.1M18.5 11.5c0 .9-.2 1.8-.5 2.6M12 18v3M3 3l18 18',
  devices: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0',
  end: 'M2.5 13.8a13.4 13.4 0 0 1 19 0l-2 3.6-4.6-1.5-.5-3.2a11 11 0 0 0-4.8 0l-.5 3.2-4.6 1.5-2-3.6Z',
  incoming: 'M18 6 7 17M7 8.5V17h8.5',
  outgoing: 'M6 18 17 7M8.5 7H17v8.5',
  close: 'M6 6l12 12M18 6 6 18',
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

/** A face: initials on a disc. */
export function face(letters: string, isLarge = false): HTMLElement {
  return element('span', { class: isLarge ? 'face face-large' : 'face', 'aria-hidden': 'true' }, letters);
}

/** The mark and the name. */
export function brand(): HTMLElement {
  return element(
    'span',
    { class: 'brand' },
    element('img', { src: `${import.meta.env.BASE_URL}mark.svg`, alt: '', width: 28, height: 28 }),
    'Offhook',
  );
}
