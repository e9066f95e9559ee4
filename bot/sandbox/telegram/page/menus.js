// The two menus of the header: who am I, and what happens to the bot.
import { avatar, byId, make } from "./dom.js";

const popup = byId("popup");

function item(label, note, face, trailing) {
  const words = make("span", "grow", make("b", "", label), note ? make("small", "", note) : null);
  const node = make("button", "", face, words, trailing);
  node.type = "button";
  node.setAttribute("role", "menuitem");
  return node;
}

function show(opener, items) {
  popup.replaceChildren(...items);
  popup.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  popup.querySelector("button")?.focus();
}

function hide() {
  popup.hidden = true;
  for (const id of ["people", "more-button"]) byId(id).removeAttribute("aria-expanded");
}

async function peopleItems(view, act) {
  const known = await (await fetch("/_sandbox/telegram/users")).json();
  const entry = (chat, user, label, note, face) => {
    const unread = view.away.get(chat);
    const node = item(label, note, face, unread ? make("span", "badge", String(unread)) : null);
    node.setAttribute("role", "menuitemradio");
    node.setAttribute("aria-checked", String(view.chat === chat && view.user === user));
    node.addEventListener("click", () => { hide(); act.open(user, chat); });
    return node;
  };
  const people = known.users.map((person) =>
    entry(person.id, person.id, person.first_name, `@${person.username} · id ${person.id}`, avatar(person)));
  const groups = known.groups.filter((group) => group.members.includes(view.user)).map((group) =>
    entry(group.id, view.user, group.title, `group · as ${view.screen.user.first_name}`, avatar(group)));
  return [...people, make("hr"), ...groups];
}

function toggleItem(label, note, on, change) {
  const node = item(label, note, null, make("span", "switch"));
  node.setAttribute("role", "menuitemcheckbox");
  node.setAttribute("aria-checked", String(on));
  node.addEventListener("click", () => { hide(); change(!on); });
  return node;
}

function moreItems(view, act) {
  const { screen } = view;
  return [
    toggleItem("Cut Telegram off", "the bot cannot reach Telegram", screen.outage, (on) => act.post("/outage", { on })),
    toggleItem("Block the bot", `as ${screen.user.first_name}`, screen.blocked, (blocked) => act.post("/block", { user: view.user, blocked })),
  ];
}

export function openMenus(view, act) {
  byId("people").addEventListener("click", async (event) => {
    event.stopPropagation();
    if (popup.hidden) show(byId("people"), await peopleItems(view, act));
    else hide();
  });
  byId("more-button").addEventListener("click", (event) => {
    event.stopPropagation();
    if (popup.hidden) show(byId("more-button"), moreItems(view, act));
    else hide();
  });
  document.addEventListener("click", (event) => { if (!popup.contains(event.target)) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}
