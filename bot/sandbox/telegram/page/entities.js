// Rebuilds a message's formatting from its entities. JavaScript strings are counted in UTF-16 code units,
// which is the very measure of entity offsets.
import { make } from "./dom.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const safeLink = (url) => (/^(https?|tg):\/\//i.test(url) ? url : "#");

function link(url) {
  const node = make("a");
  node.href = safeLink(url);
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}

function element(entity, covered, actions) {
  switch (entity.type) {
    case "text_link": return link(entity.url);
    case "url": return link(covered);
    case "bot_command": {
      const node = make("button", "link");
      node.type = "button";
      node.addEventListener("click", () => actions.send(covered));
      return node;
    }
    case "spoiler": {
      const node = make("span", "spoiler");
      node.addEventListener("click", () => node.classList.add("open"));
      return node;
    }
    case "mention": case "hashtag": case "cashtag": case "text_mention": return make("span", "link");
    case "expandable_blockquote": {
      const node = make("blockquote", "fold");
      node.addEventListener("click", () => node.classList.toggle("fold"));
      return node;
    }
    case "pre": case "code": {
      const node = make(TAGS[entity.type]);
      node.title = "Copy";
      node.addEventListener("click", () => getSelection().isCollapsed && actions.copy(covered));
      return node;
    }
    default: return make(TAGS[entity.type] || "span");
  }
}

// Entities nest and never cross: each one takes its slice, and fills it with those inside it.
function fill(parent, text, from, to, entities, actions) {
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    const inner = [];
    index += 1;
    while (index < entities.length && entities[index].offset < end) inner.push(entities[index++]);
    if (entity.offset < at || end <= entity.offset) continue;
    parent.append(text.slice(at, entity.offset));
    const covered = text.slice(entity.offset, end);
    const node = element(entity, covered, actions);
    fill(node, text, entity.offset, end, inner, actions);
    parent.append(node);
    at = end;
    if (TAGS[entity.type] === "pre" || TAGS[entity.type] === "blockquote") {
      if (text[at] === "\n") at += 1;
    }
  }
  parent.append(text.slice(at, to));
}

export function formatted(text, entities, actions) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const node = make("span", "text");
  fill(node, text, 0, text.length, sorted, actions);
  return node;
}
