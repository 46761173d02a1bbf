/** What is around every page: navigation at the left, on a phone behind a button at the top; who is signed in. */

import { Suspense, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { useAdministrator } from '../api/session';
import { ACCOUNT, CLOSE, Icon, LEAVE, MENU, MOON, SUN, SYSTEM } from '../parts/icon';
import { Loading } from '../parts/states';
import { BASE, Link } from '../router';
import { Navigation } from './navigation';
import { chooseTheme, useTheme } from './theme';
import type { Theme } from './theme';

/** The frame around `children`. */
export function Shell({ onSignOut, children }: { onSignOut: () => void; children: ReactNode }) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <Brand />
        <button type="button" className="round" aria-label="Menu" aria-haspopup="dialog" onClick={() => setMenuOpen(true)}>
          <Icon strokes={MENU} />
        </button>
      </header>
      <header className="side">
        <Brand />
        <Navigation />
        <Foot onSignOut={onSignOut} />
      </header>
      {isMenuOpen && <Menu onClose={() => setMenuOpen(false)} onSignOut={onSignOut} />}
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}>{children}</Suspense>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link className="brand" href="/">
      <img src={`${BASE}/mark.svg`} alt="" width={28} height={28} />
      Offhook
    </Link>
  );
}

/** The navigation on a phone. */
function Menu({ onClose, onSignOut }: { onClose: () => void; onSignOut: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opened = dialog.current;
    if (opened?.open === false) opened.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog className="menu" ref={dialog} aria-label="Menu" onClose={onClose}>
      <div className="menu-head">
        <Brand />
        <button type="button" className="round" aria-label="Close the menu" onClick={onClose}>
          <Icon strokes={CLOSE} />
        </button>
      </div>
      <Navigation onFollow={onClose} />
      <Foot onSignOut={onSignOut} onFollow={onClose} />
    </dialog>
  );
}

function Foot({ onSignOut, onFollow }: { onSignOut: () => void; onFollow?: () => void }) {
  const { name, role } = useAdministrator();
  return (
    <div className="foot">
      <Link className="nav-link account" href="/account" {...(onFollow === undefined ? {} : { onFollow })}>
        <Icon strokes={ACCOUNT} />
        <span>
          {name} <span className="quiet">{role}</span>
        </span>
      </Link>
      <div className="foot-buttons">
        <ThemeSwitch />
        <button type="button" className="nav-link" onClick={onSignOut}>
          <Icon strokes={LEAVE} />
          Sign out
        </button>
      </div>
    </div>
  );
}

const THEMES: Record<Theme, { name: string; icon: string; next: Theme }> = {
  system: { name: 'as the system', icon: SYSTEM, next: 'light' },
  light: { name: 'light', icon: SUN, next: 'dark' },
  dark: { name: 'dark', icon: MOON, next: 'system' },
};

/** Goes from the system's choice to light to dark and round again. */
export function ThemeSwitch() {
  const { name, icon, next } = THEMES[useTheme()];
  return (
    <button type="button" className="round plain" aria-label={`Colours: ${name}. Change to ${THEMES[next].name}.`} title={`Colours: ${name}`} onClick={() => chooseTheme(next)}>
      <Icon strokes={icon} />
    </button>
  );
}
