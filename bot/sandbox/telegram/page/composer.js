// The text box with its send button, the file that goes along, the commands menu, the reply bar and the reply keyboard.
import { Attachment } from "./attachment.js";
import { byId, make, summary } from "./dom.js";

const text = byId("text");
const panel = byId("commands");
const menu = byId("menu");
const send = document.querySelector(".send");
const LONGEST = { text: 4096, caption: 1024 };

export class Composer {
  constructor(onSend, onSendFile) {
    this.onSend = onSend;
    this.onSendFile = onSendFile;
    this.attachment = new Attachment(() => this.attached());
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
    if (!written && !this.attachment.file) return;
    const replyTo = this.replyTo?.message_id;
    const file = this.attachment.take();
    text.value = "";
    this.typed();
    this.reply(null);
    if (file) this.onSendFile(file, written, replyTo);
    else this.onSend(written, replyTo);
    this.focus();
  }

  attached() {
    const { file } = this.attachment;
    text.maxLength = file ? LONGEST.caption : LONGEST.text;
    this.reply(this.replyTo);
    this.typed();
    if (file) this.focus();
  }

  focus() { text.focus({ preventScroll: true }); }

  keyed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.toggle(null);
      this.reply(null);
      if (this.attachment.file) this.attachment.put(null);
    }
  }

  typed() {
    text.style.setProperty("height", "auto");
    text.style.setProperty("height", `${text.scrollHeight}px`);
    send.disabled = !text.value.trim() && !this.attachment.file;
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
    text.placeholder = placeholder || (this.attachment.file ? "Caption" : message ? "Reply" : "Message");
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
