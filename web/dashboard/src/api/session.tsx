/** Who is signed in, and what they may do. */

import { createContext, useContext, useMemo } from 'react';
import type { ReactNode } from 'react';

import type { Administrator } from '../generated/Administrator';
import type { AdminRole } from '../generated/AdminRole';

interface Presence {
  administrator: Administrator;
  onChange: (administrator: Administrator) => void;
}

const SignedIn = createContext<Presence | null>(null);

/** Gives the pages below it the administrator who is signed in. `onChange` is told when they changed themselves. */
export function SignedInAs({ administrator, onChange, children }: Presence & { children: ReactNode }) {
  return <SignedIn value={useMemo(() => ({ administrator, onChange }), [administrator, onChange])}>{children}</SignedIn>;
}

function usePresence(): Presence {
  const presence = useContext(SignedIn);
  if (presence === null) throw new Error('nobody is signed in');
  return presence;
}

/** Who is signed in. Only below `SignedInAs`. */
export const useAdministrator = (): Administrator => usePresence().administrator;

/** Tells that the administrator who is signed in has changed. */
export const useAdministratorChange = (): ((administrator: Administrator) => void) => usePresence().onChange;

/** What is to be done: `write` changes settings and users, `own` makes and deletes applications, and changes keys and administrators. */
export type Deed = 'write' | 'own';

/** Why a role may not do `deed`, as a sentence; null where it may. */
export function refusalOf(role: AdminRole, deed: Deed): string | null {
  if (role === 'owner') return null;
  if (deed === 'own') return `Only an owner may do this. Your role is ${role}.`;
  return role === 'operator' ? null : 'A viewer may look and change nothing. An owner can give you another role.';
}

/** Why the administrator who is signed in may not do `deed`; null where they may. */
export function useRefusal(deed: Deed): string | null {
  return refusalOf(useAdministrator().role, deed);
}
