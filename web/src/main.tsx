import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createApi } from './api/api.ts';
import { App } from './app/App.tsx';
import { createRouter } from './app/router.tsx';
import './app/theme/mantine.css';
import './app/theme/tokens.css';
import './app/theme/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <App api={createApi(window.location.origin)} router={createRouter()} />
  </StrictMode>,
);
