// The thin strip under the header: market time, pace and prices, when the sandbox has a market.
import { byId, make } from "./dom.js";

const PERIOD_MS = 2000;
const strip = byId("strip");
const last = new Map();

const price = (value) => {
  const number = Number(value);
  const digits = number >= 1000 ? 0 : number >= 1 ? 2 : 4;
  return number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

function entry(asset, value) {
  const before = last.get(asset) ?? { value: Number(value), trend: "" };
  const number = Number(value);
  const trend = number > before.value ? "up" : number < before.value ? "dn" : before.trend;
  last.set(asset, { value: number, trend });
  return make("span", "", `${asset} `, make("b", trend, price(value)));
}

function draw(state) {
  const time = new Date(state.market_time);
  const stamp = time.toLocaleString("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const prices = Object.entries(state.prices || {}).filter(([, value]) => value !== null);
  const tenths = Math.round(Number(state.speed) * 10) / 10;
  strip.replaceChildren(
    make("span", "", stamp.replace(",", "")),
    make("span", "pace", state.frozen ? "frozen" : `×${tenths}`),
    ...prices.slice(0, 12).map(([asset, value]) => entry(asset, value)),
  );
  strip.hidden = false;
}

export async function followMarket() {
  for (;;) {
    if (!document.hidden) {
      try {
        const answer = await fetch("/_sandbox/state");
        if (answer.status === 404) return;
        if (answer.ok) draw(await answer.json());
      } catch {
        strip.hidden = true;
      }
    }
    await new Promise((resume) => setTimeout(resume, PERIOD_MS));
  }
}
