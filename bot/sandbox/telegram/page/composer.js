// The text box with its send button, the commands menu, the reply bar and the reply keyboard.
import { byId, make, summary } from "./dom.js";

const text = byId("text");
const panel = byId("commands");
const menu = byId("menu");
const send = document.querySelector(".send");

export class Composer {
  constructor(onSend) {
    this.onSend = onSend;
    this.commands = [];
    this.replyTo = null;
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    text.addEventListener("keydown", (event) => this.keyed(event));
    text.addEventListener("input", () => this.typed());
    menu.addEventListener("click", () => this.toggle(panel.hidden ? "" : null));
    byId("replying-stop").addEventListener("click", () => this.reply(null));
    this.typed();
  }

  submit() {
    const written = text.value.trim();
    if (!written) return;
    const replyTo = this.replyTo?.message_id;
    text.value = "";
    this.typed();
    this.reply(null);
    this.onSend(written, replyTo);
    this.focus();
  }

  focus() { text.focus({ preventScroll: true }); }

  keyed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.toggle(null);
      this.reply(null);
    }
  }

  typed() {
    text.style.setProperty("height", "auto");
    text.style.setProperty("height", `${text.scrollHeight}px`);
    send.disabled = !text.value.trim();
    this.toggle(/^\/\w*$/.test(text.value) && this.commands.length ? text.value.slice(1) : null);
  }

  // prefix "": all commands; null: close the panel
  toggle(prefix) {
    menu.setAttribute("aria-expanded", String(prefix !== null));
    const shown = prefix === null ? [] : this.commands.filter((entry) => entry.command.startsWith(prefix));
    panel.hidden = prefix === null || (prefix !== "" && shown.length === 0);
    const rows = shown.map((entry) => {
      const row = make("button", "", make("span", "", entry.description), make("code", "", `/${entry.command}`));
      row.type = "button";
      row.setAttribute("role", "option");
      row.addEventListener("click", () => {
        text.value = "";
        this.typed();
        this.onSend(`/${entry.command}`, undefined);
        this.focus();
      });
      return row;
    });
    panel.replaceChildren(...(rows.length ? rows : [make("p", "", "The bot has not registered any commands yet.")]));
  }

  offer(commands) {
    this.commands = commands;
    if (!panel.hidden) this.toggle(text.value.startsWith("/") ? text.value.slice(1) : "");
  }

  reply(message, placeholder) {
    this.replyTo = message;
    byId("replying").hidden = !message;
    text.placeholder = placeholder || (message ? "Reply" : "Message");
    if (!message) return;
    byId("replying-name").textContent = `Reply to ${message.from.first_name}`;
    byId("replying-text").textContent = summary(message);
    this.focus();
  }

  keyboard(rows) {
    const box = byId("keyboard");
    box.hidden = !rows.length;
    box.replaceChildren(...rows.map((row) => make("div", "", ...row.map((label) => {
      const button = make("button", "", label);
      button.type = "button";
      button.addEventListener("click", () => this.onSend(label, undefined));
      return button;
    }))));
  }
}
