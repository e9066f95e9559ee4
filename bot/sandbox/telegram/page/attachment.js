// A file that is about to be sent: chosen with the paper clip, shown above the text box, which then holds its caption.
import { byId, fileSize } from "./dom.js";

const chooser = byId("file-chooser");

export class Attachment {
  constructor(onChange) {
    this.file = null;
    this.onChange = onChange;
    byId("attach").addEventListener("click", () => chooser.click());
    byId("attached-stop").addEventListener("click", () => this.put(null));
    chooser.addEventListener("change", () => this.put(chooser.files[0] ?? null));
  }

  put(file) {
    this.file = file;
    // Else the same file could not be chosen twice in a row.
    chooser.value = "";
    byId("attached").hidden = !file;
    byId("attached-name").textContent = file?.name ?? "";
    byId("attached-size").textContent = file ? fileSize(file.size) : "";
    this.onChange();
  }

  take() {
    const { file } = this;
    this.put(null);
    return file;
  }
}

// The bytes of a file as base64, the way they travel in JSON.
export function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
