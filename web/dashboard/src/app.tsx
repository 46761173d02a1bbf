/** The dashboard: asks who is signed in, then shows sign-in or the pages. */

import { QueryClientProvider } from '@tanstack/react-query';
import { Component, Suspense, lazy, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';

import { AskError, get, remove } from './api/ask';
import { makeQueryClient } from './api/queries';
import { SignedInAs } from './api/session';
import type { AdminSession } from './generated/AdminSession';
import type { Administrator } from './generated/Administrator';
import { NoticeBoard } from './parts/notices';
import { PageHeader } from './parts/page-header';
import { ErrorState, Loading } from './parts/states';
import { Link, Routes, usePath } from './router';
import { ROUTES } from './routes';
import { Shell } from './shell/shell';
import { applyTheme } from './shell/theme';

const SignInPage = lazy(async () => ({ default: (await import('./pages/sign-in')).SignInPage }));

/** Who is signed in: not known yet, nobody, somebody; or it could not be asked. */
type Presence = { is: 'asked' } | { is: 'nobody'; hasEnded: boolean } | { is: 'somebody'; administrator: Administrator } | { is: 'unknown'; error: unknown };

export function App() {
  const [presence, setPresence] = useState<Presence>({ is: 'asked' });
  const client = useMemo(() => makeQueryClient(() => setPresence({ is: 'nobody', hasEnded: true })), []);
  const look = () => {
    void whoIsSignedIn().then(setPresence);
  };
  useEffect(() => {
    applyTheme();
    look();
  }, []);
  const signOut = async () => {
    try {
      await remove('session');
    } finally {
      client.clear();
      setPresence({ is: 'nobody', hasEnded: false });
    }
  };
  return (
    <QueryClientProvider client={client}>
      <NoticeBoard>
        <Suspense fallback={<Loading />}>
          {presence.is === 'asked' && <Loading />}
          {presence.is === 'unknown' && <ErrorState error={presence.error} onRetry={look} />}
          {presence.is === 'nobody' && (
            <SignInPage
              hasEnded={presence.hasEnded}
              onSignedIn={(administrator) => {
                client.clear();
                setPresence({ is: 'somebody', administrator });
              }}
            />
          )}
          {presence.is === 'somebody' && (
            <SignedInAs administrator={presence.administrator} onChange={(administrator) => setPresence({ is: 'somebody', administrator })}>
              <Shell onSignOut={() => void signOut()}>
                <Pages />
              </Shell>
            </SignedInAs>
          )}
        </Suspense>
      </NoticeBoard>
    </QueryClientProvider>
  );
}

function Pages() {
  return (
    <Mishap key={usePath()}>
      <Routes routes={ROUTES} otherwise={<Nowhere />} />
    </Mishap>
  );
}

function Nowhere() {
  return (
    <>
      <PageHeader title="There is no such page" about="The address may be mistyped." />
      <Link href="/">Go to the overview</Link>
    </>
  );
}

/** Keeps a page that fails from taking the navigation with it. */
class Mishap extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <>
        <PageHeader title="This page failed" />
        <ErrorState error={new Error('After an update of the server it must be loaded again.')} onRetry={() => window.location.reload()} />
      </>
    );
  }
}

async function whoIsSignedIn(): Promise<Presence> {
  try {
    const { administrator } = await get<AdminSession>('session');
    return { is: 'somebody', administrator };
  } catch (error) {
    if (error instanceof AskError && error.reason === 'signed_out') return { is: 'nobody', hasEnded: false };
    return { is: 'unknown', error };
  }
}
