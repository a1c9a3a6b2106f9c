// The pictures in docs/images, of what is built: starts a hub with a small plant, and takes them in Chromium.
//   node scripts/screenshots.mjs                 the pictures of the documents
//   node scripts/screenshots.mjs --every <dir> [<part of a name>]
//                                                every page, in both themes and widths, to look at
//   node scripts/screenshots.mjs --stay          the plant alone, until Ctrl-C

import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, picturesOf } from './screenshots/camera.mjs';
import { doDeeds } from './screenshots/deeds.mjs';
import { startHub } from './screenshots/hub.mjs';
import { documented, every } from './screenshots/pictures.mjs';
import { openSite } from './screenshots/site.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [mode, directory = `${root}docs/images`, part = ''] = process.argv.slice(2);
const wanted = (ids) =>
  mode === '--every' ? every(ids).filter(({ name }) => name.includes(part)) : documented(ids);
const hub = await startHub(root);
let site;
try {
  site = await openSite(hub, root);
  await doDeeds(hub, site.ids);
  await site.fail();
  if (mode === '--stay') {
    console.log(hub.link);
    await once(process, 'SIGINT');
  } else {
    mkdirSync(directory, { recursive: true });
    const browser = await launch();
    await picturesOf(browser, hub, directory, wanted(site.ids));
    await browser.close();
  }
} finally {
  await site?.close();
  await hub.close();
}
