/** Where one can go: an application's pages, then the server's. */

import { useEffect, useId } from 'react';

import { useAnswer } from '../api/queries';
import type { ApplicationBody } from '../generated/ApplicationBody';
import type { ApplicationList } from '../generated/ApplicationList';
import { ADMINISTRATOR, APPLICATIONS, AUDIT, Icon, KEY, LIVE, LOG, OVERVIEW, PHONE, SETTINGS, USAGE, USERS, WEBHOOK } from '../parts/icon';
import { Link, goTo, match, to, usePath } from '../router';

const KEPT_AS = 'offhook.application';

/** The pages of an application, by the last part of their addresses. */
const OF_APPLICATION = [
  ['live', 'Live calls', LIVE],
  ['calls', 'Calls', LOG],
  ['users', 'Users', USERS],
  ['usage', 'Usage', USAGE],
  ['webhooks', 'Webhooks', WEBHOOK],
  ['test-call', 'Test call', PHONE],
  ['tokens', 'API tokens', KEY],
  ['settings', 'Settings', SETTINGS],
] as const;

/** The links. `onFollow` is called when one was followed. */
export function Navigation({ onFollow }: { onFollow?: () => void }) {
  const { data } = useAnswer<ApplicationList>('applications');
  const application = useApplication(data?.applications ?? []);
  const serverId = useId();
  return (
    <nav aria-label="Dashboard">
      <ul>
        <Item href="/" icon={OVERVIEW} name="Overview" onFollow={onFollow} />
      </ul>
      {data !== undefined && application !== null && (
        <>
          <Switcher applications={data.applications} application={application} />
          <ul>
            {OF_APPLICATION.map(([page, name, icon]) => (
              <Item key={page} href={`${to`/apps/${application.app_id}`}/${page}`} icon={icon} name={name} onFollow={onFollow} />
            ))}
          </ul>
        </>
      )}
      <p className="label" id={serverId}>
        Server
      </p>
      <ul aria-labelledby={serverId}>
        <Item href="/applications" icon={APPLICATIONS} name="Applications" onFollow={onFollow} />
        <Item href="/administrators" icon={ADMINISTRATOR} name="Administrators" onFollow={onFollow} />
        <Item href="/audit" icon={AUDIT} name="Audit log" onFollow={onFollow} />
      </ul>
    </nav>
  );
}

function Item({ href, icon, name, onFollow }: { href: string; icon: string; name: string; onFollow: (() => void) | undefined }) {
  return (
    <li>
      <Link className="nav-link" href={href} isSection={href !== '/'} {...(onFollow === undefined ? {} : { onFollow })}>
        <Icon strokes={icon} />
        {name}
      </Link>
    </li>
  );
}

/** Chooses the application: the same page of the other one, if the page is an application's. */
function Switcher({ applications, application }: { applications: ApplicationBody[]; application: ApplicationBody }) {
  const path = usePath();
  const id = useId();
  const choose = (appId: string) => goTo(`${to`/apps/${appId}`}/${path.split('/')[3] ?? 'calls'}`);
  return (
    <div className="switcher">
      <label htmlFor={id}>Application</label>
      <select id={id} value={application.app_id} onChange={(event) => choose(event.target.value)}>
        {applications.map(({ app_id, name }) => (
          <option key={app_id} value={app_id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The application that the address names, else the last that one did, else the first. */
function useApplication(applications: ApplicationBody[]): ApplicationBody | null {
  const path = usePath();
  const named = match('/apps/:appId', path.split('/').slice(0, 3).join('/'))?.appId;
  useEffect(() => {
    if (named !== undefined) keep(named);
  }, [named]);
  const wanted = named ?? kept();
  return applications.find(({ app_id }) => app_id === wanted) ?? applications[0] ?? null;
}

function kept(): string | null {
  try {
    return window.sessionStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

function keep(appId: string): void {
  try {
    window.sessionStorage.setItem(KEPT_AS, appId);
  } catch {
    // A browser that keeps nothing shows the first application.
  }
}
