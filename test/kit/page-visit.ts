import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { HubProcess } from './hub-process.js';

export const CHROMIUM = '/usr/bin/chromium';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** What breaks the content security policy is told on the console. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
  console.error('against the policy: ' + event.violatedDirective + ' ' + event.blockedURI));`;

/** A page of a browser of its own, and what it complains about. */
export interface Visit {
  readonly page: Page;
  /** The browser's own note of a refused request or a lost connection is none. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  // The page works on a workshop's LAN without any other host: a request that leaves the hub is a fault.
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && hostname !== '127.0.0.1') {
      complaints.push(`a request to another origin: ${request.url()}`);
    }
  });
  await page.addInitScript(TELL_VIOLATIONS);
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return { page, complaints, close: () => context.close() };
}

/** The one-time link that the hub printed when it started. */
export function loginLink(hub: HubProcess): Promise<string> {
  return hub.output.find((line) => /(http\S+#\/login\?code=\S+)/.exec(line)?.[1]);
}

/** Logs in by the hub's one-time link. A hub without users asks for the first admin: that is put off. */
export async function logIn(page: Page, hub: HubProcess): Promise<void> {
  await page.goto(await loginLink(hub));
  const later = page.getByRole('button', { name: 'Not now' });
  const top = page.locator('.top');
  await top.or(later).first().waitFor();
  if (await later.isVisible()) await later.click();
  await top.waitFor();
}

/** How far the page can be scrolled sideways, px: nothing, when all is well. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}
