/** Icons: strokes on a grid of 24. They say nothing to a screen reader; the word beside them does. */

export * from '../../../look/icons';

export const OVERVIEW = 'M4 12.5 12 5l8 7.5M6 11v8h4.5v-4.5h3V19H18v-8';
export const SETTINGS = 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0';
export const LIVE = 'M12 10.5a1.5 1.5 0 1 1 0 3a1.5 1.5 0 0 1 0-3ZM8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7M5.6 18.4a9 9 0 0 1 0-12.8M18.4 5.6a9 9 0 0 1 0 12.8';
export const LOG = 'M8 6.5h12M8 12h12M8 17.5h12M4 6.5h.01M4 12h.01M4 17.5h.01';
export const USERS = 'M9 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7ZM2.5 19.5a6.5 6.5 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 6.5M17.5 14a6.5 6.5 0 0 1 4 5.5';
export const USAGE = 'M4 20h16M6.5 16.5v-5M11 16.5v-9M15.5 16.5v-3M20 16.5v-11';
export const WEBHOOK = 'M12 7.5a3 3 0 1 0-2.6-1.5M12 7.5l3.5 6.2M15 15a3 3 0 1 1-.3 4M14.5 18H8.7M7.5 15.2a3 3 0 1 0 1 3.3M9.2 12.7 12 7.5';
export const KEY = 'M15 4.5a4.5 4.5 0 1 1-3.2 7.7L4.5 19.5H8v-2.5h2.5v-2.5M15.5 8.5h.01';
export const ADMINISTRATOR = 'M12 3.5 19.5 6v5.5c0 4.5-3 7.7-7.5 9-4.5-1.3-7.5-4.5-7.5-9V6ZM9 12l2.2 2.2L15.5 10';
export const AUDIT = 'M7 3.5h7l4.5 4.5v12.5h-11.5ZM14 3.5V8h4.5M10 12.5h5.5M10 16h5.5';
export const APPLICATIONS = 'M4.5 4.5h6v6h-6ZM13.5 4.5h6v6h-6ZM4.5 13.5h6v6h-6ZM13.5 13.5h6v6h-6Z';
export const ACCOUNT = 'M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8ZM4.5 20.5a7.5 7.5 0 0 1 15 0';
export const MENU = 'M4 7h16M4 12h16M4 17h16';
export const CLOSE = 'M6 6l12 12M18 6 6 18';
export const CHECK = 'M5 12.5 10 17.5 19.5 7';
export const CROSS = 'M7 7l10 10M17 7 7 17';
export const WARNING = 'M12 4.5 21 19.5H3ZM12 10.5v4M12 17h.01';
export const COPY = 'M8.5 8.5h11v11h-11ZM15.5 8.5v-4h-11v11h4';
export const SUN = 'M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4';
export const MOON = 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z';
export const SYSTEM = 'M4.5 5.5h15v10.5h-15ZM9 20h6M12 16v4';
export const BACK = 'M14.5 5.5 8 12l6.5 6.5';
export const PLUS = 'M12 5v14M5 12h14';
export const CLOCK = 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2';
export const LEAVE = 'M10 4.5H5.5v15H10M15 8l4 4-4 4M9.5 12H19';

/** Draws one. */
export function Icon({ strokes, size = 20 }: { strokes: string; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={strokes} />
    </svg>
  );
}
