/** Calls a user from here, to see whether the devices ring and how a call of this server sounds. */

import './test-call.css';

import { useEffect, useRef, useState } from 'react';

import { at, post } from '../../api/ask';
import { useRefusal } from '../../api/session';
import type { TestCall } from '../../generated/TestCall';
import { Button } from '../../parts/button';
import { FormProblem, SelectField, TextField } from '../../parts/fields';
import { PHONE } from '../../parts/icon';
import { PageHeader } from '../../parts/page-header';
import { Link, to, useParameter, useQuery } from '../../router';
import { listen, loadElement, makeElement, type CallElement } from './element';
import { faceInWords, problemOfDevices } from './words';

type Kind = 'audio' | 'video';

export function TestCallPage() {
  const appId = useParameter('appId');
  const [query] = useQuery();
  const [user, setUser] = useState(query.get('user') ?? '');
  const [kind, setKind] = useState<Kind>('audio');
  const refusal = useRefusal('write');
  const call = useTestCall(appId);
  return (
    <>
      <PageHeader title="Test call" about="Rings every device of a user. The dashboard calls as a user of its own; the call is logged and metered like any other." />
      <div className="test-call">
        <form
          className="card stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (user.trim() !== '' && refusal === null) {
              void call.place(user.trim(), kind === 'video');
            }
          }}
        >
          <TextField label="User" value={user} onChange={setUser} isRequired isCode placeholder="User id" />
          <SelectField
            label="Kind"
            value={kind}
            options={[
              ['audio', 'Audio'],
              ['video', 'Video'],
            ]}
            onChange={setKind}
          />
          <FormProblem error={call.error} />
          <div className="actions">
            <Button kind="accent" icon={PHONE} isSubmit isBusy={call.isBusy} refusal={refusal ?? problemOfDevices(window.isSecureContext)}>
              Call
            </Button>
          </div>
          <p className="quiet" role="status">
            {faceInWords(call.face)}
          </p>
          {call.callId !== null && (
            <p>
              <Link href={to`/apps/${appId}/calls/${call.callId}`}>What is known of this call</Link>
            </p>
          )}
        </form>
        <div className="call-box" ref={call.box} hidden={call.face === 'idle'} />
      </div>
    </>
  );
}

/** Places calls, one after the other, in a box of the page. A call ends when the page is left. */
function useTestCall(appId: string) {
  const box = useRef<HTMLDivElement>(null);
  const placed = useRef<{ element: CallElement; ends: AbortController } | null>(null);
  const [face, setFace] = useState('idle');
  const [callId, setCallId] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isStarting, setStarting] = useState(false);

  const clear = () => {
    placed.current?.ends.abort();
    placed.current?.element.signOut();
    placed.current?.element.remove();
    placed.current = null;
  };
  useEffect(() => clear, []);

  const place = async (userId: string, isVideo: boolean) => {
    if (isStarting) {
      return;
    }
    setStarting(true);
    setError(null);
    setCallId(null);
    clear();
    setFace('idle');
    try {
      const [ticket] = await Promise.all([post<TestCall>(at`applications/${appId}/test_call`, { user_id: userId }), loadElement()]);
      const element = makeElement(ticket.app_id);
      const ends = new AbortController();
      placed.current = { element, ends };
      listen(element, 'offhook-error', ({ detail }) => setError(detail.error), ends.signal);
      listen(
        element,
        'offhook-face',
        ({ detail }) => {
          setFace(detail.face);
          setCallId((before) => detail.call?.callId ?? before);
        },
        ends.signal,
      );
      box.current?.append(element);
      element.accessToken = ticket.session_token;
      element.userId = ticket.user_id;
      await element.signIn();
      element.dial(userId, { video: isVideo });
    } catch (caught) {
      setError(caught);
    }
    setStarting(false);
  };
  const isBusy = isStarting || !['idle', 'ended'].includes(face);
  return { box, face, callId, error, isBusy, place };
}
