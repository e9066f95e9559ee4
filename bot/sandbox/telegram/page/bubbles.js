// Draws one message: quote, picture or document, formatted text, time, and the inline keyboard under it.
import { avatar, clock, dayName, fileSize, icon, make, summary } from "./dom.js";
import { formatted } from "./entities.js";

const fileUrl = (id) => `/_sandbox/telegram/file/${encodeURIComponent(id)}`;

function meta(message) {
  const node = make("span", "meta");
  if (message._silent) node.append(icon("muted"));
  if (message._edited) node.append("edited ");
  node.append(clock(message.date));
  return node;
}

function quote(message, actions) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  const node = make("button", "quoted", make("b", "", replied.from.first_name), make("span", "", summary(replied)));
  node.type = "button";
  node.addEventListener("click", () => actions.jump(replied.message_id));
  return node;
}

function picture(message, actions) {
  if (!message.photo) return null;
  const size = message.photo[message.photo.length - 1];
  const image = make("img");
  image.src = fileUrl(size.file_id);
  image.alt = message.caption ? "" : "Photo";
  image.width = size.width;
  image.height = size.height;
  image.style.setProperty("height", "auto");
  const node = make("button", "picture", image);
  node.type = "button";
  node.setAttribute("aria-label", "Open the photo");
  node.addEventListener("click", () => actions.zoom(image.src));
  return node;
}

function documentRow(message) {
  if (!message.document) return null;
  const { file_id: id, file_name: name = "File", file_size: size } = message.document;
  const node = make("a", "document", make("i", "", icon("file")),
    make("span", "", make("b", "", name), make("small", "", fileSize(size))));
  node.href = fileUrl(id);
  node.download = name;
  return node;
}

function key(button, message, actions) {
  const node = button.url ? make("a", button.style || "", button.text) : make("button", button.style || "", button.text);
  if (button.url) {
    node.href = /^(https?|tg):\/\//i.test(button.url) ? button.url : "#";
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    node.append(icon("link"));
    return node;
  }
  node.type = "button";
  if (button.copy_text) {
    node.append(icon("copy"));
    node.addEventListener("click", () => actions.copy(button.copy_text.text));
  } else if (button.callback_data !== undefined) {
    node.addEventListener("click", () => actions.press(node, message.message_id, button.callback_data));
  }
  return node;
}

function keys(message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return make("div", "keys", ...rows.map((row) => make("div", "", ...row.map((button) => key(button, message, actions)))));
}

export function drawMessage(message, me, inGroup, actions) {
  const mine = message.from.id === me;
  const text = message.text ?? message.caption ?? "";
  const bubble = make("div", "bubble");
  if (inGroup && !mine) bubble.append(make("div", "name", message.from.first_name));
  const parts = [quote(message, actions), picture(message, actions), documentRow(message)];
  bubble.append(...parts.filter(Boolean));
  if (message.photo) bubble.classList.add(text ? "captioned" : "bare");
  if (text) bubble.append(formatted(text, message.entities || message.caption_entities, actions));
  bubble.append(meta(message));
  if (message._reactions?.length) {
    bubble.append(make("div", "reactions", ...message._reactions.map((emoji) => make("span", "", emoji))));
  }
  bubble.addEventListener("dblclick", () => actions.reply(message));
  const row = make("article", `row${mine ? " mine" : ""}`, make("div", "body", bubble, keys(message, actions)));
  row.dataset.id = message.message_id;
  row.dataset.from = message.from.id;
  row.dataset.date = message.date;
  return row;
}

export function drawDraft(text, entities, actions) {
  return make("article", "row draft last", make("div", "body", make("div", "bubble", formatted(text || " ", entities, actions))));
}

// Date separators, and which bubble begins and ends a run of one sender: derived anew after every change.
export function regroup(list) {
  for (const day of list.querySelectorAll(".day")) day.remove();
  let before = null;
  for (const row of list.querySelectorAll(".row[data-id]")) {
    const day = dayName(Number(row.dataset.date));
    const newDay = !before || dayName(Number(before.dataset.date)) !== day;
    if (newDay) row.before(make("div", "day", day));
    const starts = newDay || before.dataset.from !== row.dataset.from || row.dataset.date - before.dataset.date > 600;
    row.classList.toggle("first", starts);
    row.classList.add("last");
    if (before && !starts) before.classList.remove("last");
    before = row;
  }
}

export function drawWelcome(bot, description, start) {
  const button = make("button", "", "START");
  button.type = "button";
  button.addEventListener("click", start);
  const face = avatar({ id: 1, first_name: "" });
  face.className = "avatar bot";
  face.replaceChildren(icon("scales"));
  return make("div", "welcome", face, make("h2", "", "What can this bot do?"),
    make("p", "", description || `${bot} keeps a portfolio in balance. Press START to say hello.`), button);
}
