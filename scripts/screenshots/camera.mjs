// Chromium, a page that is logged in, and pictures of it.
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Live values move meanwhile: a chart that was just opened has drawn itself by then. */
const SETTLE_MS = 3_000;

export const DESK = { viewport: { width: 1440, height: 900 } };
export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/**
 * Takes pictures, each `{ name, hash, size, theme, whole, act }`: `hash` is the address, `whole` takes all of the page and
 * not only what is in the window, `act` does something on it first.
 */
export async function picturesOf(browser, hub, directory, pictures) {
  const contexts = new Map();
  let link = hub.link;
  for (const { name, hash, size = DESK, theme = 'light', whole = false, act } of pictures) {
    const key = `${size.viewport.width} ${theme}`;
    if (!contexts.has(key)) {
      contexts.set(
        key,
        await logIn(browser, { ...size, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB' }, link),
      );
      const { code } = await hub.api('/session/links', {});
      link = `${hub.url}/#/login?code=${code}`;
    }
    const page = contexts.get(key);
    await page.goto(`${hub.url}/#/system`);
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await page.locator('main h1, main .empty').first().waitFor();
    await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
    if (await page.getByText('This page did not arrive').isVisible())
      throw new Error('the page was built anew meanwhile');
    await act?.(page);
    await sleep(SETTLE_MS);
    const path = `${directory}/${name}.png`;
    if (whole) await grow(page, size.viewport);
    await page.screenshot({ path });
    if (whole) await page.setViewportSize(size.viewport);
    await page.keyboard.press('Escape');
    console.log(`${path}  ${Math.round(statSync(path).size / 1_000)} kB`);
  }
}

/** A window in which all of the page has room: what sticks to its edge would lie across a longer picture. */
async function grow(page, { width, height }) {
  const needed = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, needed) });
  await sleep(SETTLE_MS);
}

async function logIn(browser, options, link) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(link);
  const later = page.getByRole('button', { name: 'Not now' });
  const top = page.locator('.top');
  await top.or(later).first().waitFor();
  if (await later.isVisible()) await later.click();
  await top.waitFor();
  return page;
}
