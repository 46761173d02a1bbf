/** Opened as `#app=…&user=…&token=…&host=…`: who signs in stands after the #, where it reaches no server. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app';
import './style.css';

const fields = new URLSearchParams(location.hash.slice(1));
const account = {
  appId: fields.get('app') ?? '',
  userId: fields.get('user') ?? '',
  accessToken: fields.get('token') ?? '',
  apiHost: fields.get('host') ?? '',
};
const place = document.getElementById('app');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App account={account} />
    </StrictMode>,
  );
}
