/** The colours of `web/look`, as attributes of the renderer, which knows nothing of `light-dark()`. */

/** One of the two faces. */
export type Face = 'light' | 'dark';

const LIGHT = { paper: '#faf9f6', surface: '#ffffff', ink: '#1c1b19', accent: '#c9421b' };
const DARK = { paper: '#141312', surface: '#1d1c1a', ink: '#f2f0eb', accent: '#ff7a50' };

/** What the renderer is told. */
export function coloursOf(face: Face): Record<string, string> {
  const colours = face === 'dark' ? DARK : LIGHT;
  return {
    theme: face,
    'bg-color': colours.paper,
    'text-color': colours.ink,
    'header-color': colours.surface,
    'primary-color': colours.accent,
    'nav-bg-color': colours.surface,
    'nav-text-color': colours.ink,
    'nav-accent-color': colours.accent,
  };
}
