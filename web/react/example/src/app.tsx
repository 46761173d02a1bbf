import { type SessionOptions, useCallDuration, useCallSession, useDirectCall, useIncomingCall } from 'offhook-react';
import { useState } from 'react';

export function App({ account }: { account: SessionOptions }) {
  const { connection, error } = useCallSession(account);
  const incoming = useIncomingCall();
  const { call, localView, remoteView, dial, end, clear, setMicrophone } = useDirectCall();
  const seconds = Math.floor(useCallDuration(call) / 1000);
  const [callee, setCallee] = useState('');

  return (
    <main>
      <p>{error?.message ?? `${account.userId} is ${connection}`}</p>

      {incoming && (
        <section>
          <p>{incoming.remoteUser.userId} is ringing</p>
          <button onClick={() => incoming.accept()}>Answer</button>
          <button onClick={() => incoming.decline()}>Decline</button>
        </section>
      )}

      {call === null && (
        <form onSubmit={(event) => (event.preventDefault(), dial(callee))}>
          <input aria-label="Who" value={callee} onChange={(event) => setCallee(event.target.value)} required />
          <button disabled={connection !== 'connected'}>Call</button>
        </form>
      )}

      {call !== null && (
        <section>
          <p>
            {call.remoteUser.userId}: {call.error?.message ?? call.endResult ?? call.state}, {seconds} s
          </p>
          <button onClick={() => setMicrophone(!call.isLocalAudioEnabled)}>{call.isLocalAudioEnabled ? 'Mute' : 'Unmute'}</button>
          {call.state === 'ended' ? <button onClick={clear}>Close</button> : <button onClick={end}>End</button>}
        </section>
      )}

      <video ref={remoteView} autoPlay playsInline />
      <video ref={localView} autoPlay playsInline muted />
    </main>
  );
}
