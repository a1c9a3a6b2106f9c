import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { App } from './app.js';
import { startPulse } from './live/pulse.js';
import { applyTheme } from './shell/theme.js';
import './styles/index.css';

applyTheme();
startPulse();
const root = document.getElementById('app');
if (root) render(<App />, root);
