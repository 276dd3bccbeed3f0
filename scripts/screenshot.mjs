// Two people in a web client, one in the light, one in the dark, see what a
// service says in their channel: scripts/screenshot starts all of it.
//
//   node screenshot.mjs CHROMIUM URL CHANNEL LAST_WORDS FOLDER
//
// Prints "watching" when both are in the channel; the service is to begin then.
import { chromium } from "playwright-core";

const [executablePath, url, channel, lastWords, folder] = process.argv.slice(2);
const PATIENCE = 120_000;
const LOOKS = { light: "default", dark: "morning" };

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

async function enter(name, theme) {
  const context = await browser.newContext({
    viewport: { width: 1180, height: 760 },
    deviceScaleFactor: 1,
  });
  // What the settings page would store.
  await context.addInitScript((theme) => {
    localStorage.setItem("settings", JSON.stringify({ theme, syncSettings: false }));
  }, theme);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  await page.fill("#connect\\:nick", name);
  await page.click("#connect button[type=submit]");
  await page.click(`.channel-list-item[data-name="${channel}"]`);
  await page.waitForSelector(`#chat .chat-view[data-type="channel"]`);
  return page;
}

const pages = {};
for (const [look, theme] of Object.entries(LOOKS)) {
  pages[look] = await enter(`reader-${look}`, theme);
}
console.log("watching");
for (const [look, page] of Object.entries(pages)) {
  await page.waitForFunction(
    (text) => document.querySelector("#chat .messages")?.textContent.includes(text),
    lastWords,
    { timeout: PATIENCE },
  );
  // So that nothing is half drawn.
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${folder}/channel-${look}.png` });
  console.log(`${folder}/channel-${look}.png`);
}
await browser.close();
