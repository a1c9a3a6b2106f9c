// For the test runner: programs are started as users start them, bundled from the sources as they are now.
import { bundle } from './bundle.mjs';

export const setup = () => bundle();
