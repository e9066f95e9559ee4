// The chat page: reads one person's screen, follows the stream of events, and lets that person act.
import { encoded } from "./attachment.js";
import { drawDraft, drawMessage, drawWelcome, regroup } from "./bubbles.js";
import { Composer } from "./composer.js";
import { avatar, byId, make, summary } from "./dom.js";
import { openMenus } from "./menus.js";
import { followMarket } from "./strip.js";

const API = "/_sandbox/telegram";
const list = byId("list");
const asked = Number(new URLSearchParams(location.search).get("user"));
const view = { user: asked || 1001, chat: asked || 1001, screen: null, messages: new Map(), unread: 0, away: new Map(), timers: {} };

async function post(path, body) {
  let answer;
  try {
    answer = await fetch(API + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    byId("gone").hidden = false;
    return null;
  }
  byId("gone").hidden = true;
  const result = await answer.json();
  if (!answer.ok) toast(result.error);
  return answer.ok ? result : null;
}

const actions = {
  send: (text, replyTo) => post("/send", { user: view.user, chat: view.chat, text, reply_to: replyTo ?? null }).then(() => toBottom()),
  async sendFile(file, caption, replyTo) {
    let content;
    try {
      content = await encoded(file);
    } catch {
      return toast("The browser could not read the file.");
    }
    await post("/document", {
      user: view.user, chat: view.chat, name: file.name, mime_type: file.type, content_base64: content, caption, reply_to: replyTo ?? null,
    });
    return toBottom();
  },
  async press(node, messageId, data) {
    node.classList.add("busy");
    const pressed = await post("/press", { user: view.user, chat: view.chat, message_id: messageId, data });
    if (pressed) node.dataset.query = pressed.query_id;
    setTimeout(() => node.classList.remove("busy"), pressed ? 8000 : 0);
  },
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied to clipboard.");
    } catch {
      toast("The browser did not allow copying.");
    }
  },
  reply: (message) => composer.reply(message),
  jump(id) {
    const bubble = list.querySelector(`[data-id="${Number(id)}"] .bubble`);
    if (!bubble) return;
    bubble.scrollIntoView({ block: "center", behavior: "smooth" });
    bubble.classList.remove("flash");
    requestAnimationFrame(() => bubble.classList.add("flash"));
  },
  zoom(source) {
    byId("photo-image").src = source;
    byId("photo").showModal();
  },
};
const composer = new Composer(actions.send, actions.sendFile);

function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(view.timers.toast);
  view.timers.toast = setTimeout(() => { node.hidden = true; }, 3500);
}

const atBottom = () => list.scrollHeight - list.scrollTop - list.clientHeight < 90;

function toBottom() {
  list.scrollTop = list.scrollHeight;
  seen();
}

function seen() {
  if (atBottom()) view.unread = 0;
  byId("newest").hidden = atBottom();
  byId("unread").hidden = view.unread === 0;
  byId("unread").textContent = view.unread;
}

function status(action) {
  const node = byId("status");
  const words = { typing: "typing", upload_document: "sending a file", upload_photo: "sending a photo" };
  const group = view.chat < 0;
  node.classList.toggle("live", Boolean(action));
  node.textContent = action ? words[action] || "busy" : group ? `group · you are ${view.screen.user.first_name}` : "bot";
  clearTimeout(view.timers.status);
  if (action) view.timers.status = setTimeout(() => status(null), 5000);
}

function draft(details) {
  list.querySelector(".draft")?.remove();
  clearTimeout(view.timers.draft);
  if (!details) return;
  const stick = atBottom();
  list.append(drawDraft(details.text, details.entities, actions));
  if (stick) toBottom();
  view.timers.draft = setTimeout(() => draft(null), 30000);
}

function upsert(message) {
  const stick = atBottom();
  const row = drawMessage(message, view.user, view.chat < 0, actions);
  const old = list.querySelector(`.row[data-id="${message.message_id}"]`);
  list.querySelector(".welcome")?.remove();
  view.messages.set(message.message_id, message);
  if (old) {
    row.style.setProperty("animation", "none");
    old.replaceWith(row);
  } else {
    list.append(row);
  }
  regroup(list);
  if (stick || (!old && message.from.id === view.user)) toBottom();
  else if (!old) view.unread += 1;
  seen();
}

function frame() {
  const { screen } = view;
  byId("title").textContent = screen.chat.title || screen.about.name;
  document.title = `${screen.about.name} · ${screen.user.first_name}`;
  byId("people").replaceChildren(avatar(screen.user).textContent);
  byId("people").className = `${avatar(screen.user).className}${view.away.size ? " dot" : ""}`;
  byId("outage").hidden = !screen.outage;
  composer.offer(screen.commands);
  const pinned = view.messages.get(screen.pinned);
  byId("pinned").hidden = !pinned;
  byId("pinned-text").textContent = pinned ? summary(pinned) : "";
  const question = view.messages.get(screen.input.force_reply_to);
  if (question && composer.replyTo?.message_id !== question.message_id) composer.reply(question, screen.input.placeholder);
  composer.keyboard(screen.input.keyboard);
}

async function readScreen() {
  const answer = await fetch(`${API}/screen?user=${view.user}&chat=${view.chat}`);
  view.screen = await answer.json();
  view.messages = new Map(view.screen.messages.map((message) => [message.message_id, message]));
}

async function open(user, chat) {
  Object.assign(view, { user, chat, unread: 0 });
  view.away.delete(chat);
  await readScreen();
  composer.reply(null);
  byId("toast").hidden = true;
  const rows = view.screen.messages.map((message) => drawMessage(message, user, chat < 0, actions));
  list.replaceChildren(...rows);
  if (!rows.length) list.append(drawWelcome(view.screen.about.name, view.screen.about.description, () => actions.send("/start")));
  for (const row of rows) row.style.setProperty("animation", "none");
  regroup(list);
  frame();
  status(null);
  toBottom();
  composer.focus();
}

function answered(event) {
  const button = list.querySelector(`[data-query="${Number(event.query_id)}"]`);
  button?.classList.remove("busy");
  if (event.user !== view.user || !event.text) return;
  if (!event.alert) return toast(event.text);
  byId("alert-text").textContent = event.text;
  byId("alert").showModal();
}

async function happened(event) {
  if (event.chat !== null && event.chat !== view.chat) {
    if (event.kind === "message" && event.message?.from.is_bot) view.away.set(event.chat, (view.away.get(event.chat) || 0) + 1);
    return frame();
  }
  if (event.kind === "message" && event.message) {
    if (event.message.from.is_bot) { status(null); draft(null); }
    upsert(event.message);
  } else if (event.kind === "edit" && event.message) {
    upsert(event.message);
  } else if (event.kind === "delete") {
    list.querySelector(`.row[data-id="${event.message_id}"]`)?.remove();
    regroup(list);
  } else if (event.kind === "action") {
    return status(event.action);
  } else if (event.kind === "draft") {
    return draft(event);
  } else if (event.kind === "answer") {
    return answered(event);
  }
  await readScreen();
  return frame();
}

function follow() {
  let broken = false;
  let queue = Promise.resolve();
  const stream = new EventSource(`${API}/events?since=${view.screen.seq}`);
  stream.addEventListener("message", (event) => { queue = queue.then(() => happened(JSON.parse(event.data))); });
  stream.addEventListener("error", () => { broken = true; });
  stream.addEventListener("open", () => {
    if (broken) { stream.close(); open(view.user, view.chat).then(follow); }
  });
}

list.addEventListener("scroll", seen, { passive: true });
byId("newest").addEventListener("click", () => list.scrollTo({ top: list.scrollHeight, behavior: "smooth" }));
byId("pinned").addEventListener("click", () => actions.jump(view.screen.pinned));
byId("photo").addEventListener("click", () => byId("photo").close());
new ResizeObserver(() => { if (view.unread === 0 && !byId("newest").matches(":not([hidden])")) toBottom(); }).observe(list);
openMenus(view, { open, post });
open(view.user, view.chat).then(follow);
followMarket();
