// Drives one browser for the tests: takes requests as JSON lines on stdin, answers on stdout.
//
// Owns the knowledge of VS Code's page: which elements are the editor, the ghost text, the
// status bar. Knows nothing of Tenon but the id of its status bar item. Started with the
// folder of playwright-core and the browser's path.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [playwrightFolder, browserPath] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwrightFolder);

const STATUS = '[id="tenon.tenon.status"] [aria-label], [id="tenon.tenon.status"][aria-label]';
const EDITOR = ".editor-instance .monaco-editor";
const GHOST = '[class*="ghost-text"]';

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
let context;
let page;

const actions = {
  // A window of VS Code with a folder in it; an older window is closed.
  async open({ url, timeout }) {
    await context?.close();
    context = await browser.newContext({
      viewport: { width: 1200, height: 800 },
      reducedMotion: "reduce",
    });
    page = await context.newPage();
    await page.goto(url, { timeout });
    await page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout });
  },

  async close() {
    await context.close();
    context = undefined;
  },

  async openFile({ name }) {
    await page.dblclick(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    await page.waitForSelector(`${EDITOR}[data-uri$="/${name}"] .view-line`);
    await page.waitForSelector(`.tabs-container .tab.active[data-resource-name="${name}"]`);
  },

  // 1-based, as VS Code shows them.
  async goTo({ line, column }) {
    await page.keyboard.press("Control+g");
    await page.waitForSelector(".quick-input-widget input:focus");
    await page.keyboard.type(`${line}:${column}`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`${EDITOR}.focused`);
  },

  async type({ text }) {
    await page.keyboard.type(text, { delay: 40 });
  },

  async press({ key }) {
    await page.keyboard.press(key);
  },

  // A command by the title that the palette shows.
  async command({ title }) {
    await page.keyboard.press("F1");
    await page.waitForSelector(".quick-input-widget input:focus");
    await page.keyboard.type(title);
    const first = page.locator(".quick-input-list .monaco-list-row.focused");
    await first.filter({ hasText: title }).waitFor();
    await page.keyboard.press("Enter");
  },

  async status() {
    const item = page.locator(STATUS).first();
    if ((await item.count()) === 0) return null;
    return await item.getAttribute("aria-label");
  },

  async statusBar() {
    return await page.locator(".part.statusbar").innerText();
  },

  async ghost() {
    return await page.evaluate(ghostText, GHOST);
  },

  async text() {
    return await page.evaluate(editorText, EDITOR);
  },

  // What the pages within the page say, such as a Markdown preview.
  async preview() {
    const inner = page.frames().filter((frame) => frame !== page.mainFrame());
    const texts = inner.map((frame) => frame.evaluate("document.body?.innerText ?? ''"));
    return (await Promise.allSettled(texts)).map(({ value }) => value ?? "").join("\n");
  },

  async notifications() {
    return await page.locator(".notification-list-item-message").allInnerTexts();
  },

  async screenshot({ path }) {
    await page.screenshot({ path });
  },
};

// The ghost text that can be seen, or null: its parts, which have a colour each, put together
// by the line of the screen that they are on. Runs in the page.
function ghostText(selector) {
  const lines = new Map();
  for (const element of document.querySelectorAll(selector)) {
    const [box] = element.getClientRects();
    if (box === undefined || element.querySelector(selector) !== null) continue;
    const top = Math.round(box.top);
    lines.set(top, (lines.get(top) ?? "") + element.textContent);
  }
  const text = [...lines].sort(([a], [b]) => a - b).map(([, line]) => line).join("\n");
  return text.trim() === "" ? null : text.replaceAll("\u00a0", " ");
}

// The lines on the screen, top to bottom, with what is drawn in them. Runs in the page.
function editorText(selector) {
  const lines = [...document.querySelectorAll(`${selector} .view-line`)];
  lines.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  return lines.map((line) => line.textContent.replaceAll("\u00a0", " ")).join("\n");
}

process.stdout.write(`${JSON.stringify({ value: browser.version() })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { action, ...parameters } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await actions[action](parameters)) ?? null };
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
