// Small ways to build DOM nodes. Text always becomes a text node: nothing here parses markup.

export const byId = (id) => document.getElementById(id);

export function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

export function avatar(person) {
  const isGroup = person.id < 0;
  const letter = (person.first_name || person.title || "?").slice(0, 1).toUpperCase();
  const node = make("span", `avatar hue${isGroup ? 3 : (person.id - 1) % 3}`, letter);
  node.setAttribute("aria-hidden", "true");
  return node;
}

export const clock = (unix) =>
  new Date(unix * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function dayName(unix) {
  const day = new Date(unix * 1000);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86400000);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  const sameYear = day.getFullYear() === new Date().getFullYear();
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
}

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export const summary = (message) =>
  (message.text || message.caption || (message.photo ? "Photo" : message.document && (message.document.file_name || "File")) || "").replace(/\s+/g, " ");
