/** The operators' dashboard. Start reading at `app.tsx`; which page is where says `routes.tsx`. */

import { createRoot } from 'react-dom/client';

import { App } from './app';
import './style.css';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(<App />);
}
