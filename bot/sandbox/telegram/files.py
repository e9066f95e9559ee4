"""Files that were sent: stored in memory under ids as Telegram gives them out."""

import struct
from dataclasses import dataclass

from bot.sandbox.telegram.wire import Wire, bad_request

MAX_PHOTO_BYTES = 10 * 2**20
MAX_DOCUMENT_BYTES = 50 * 2**20
MAX_DOWNLOAD_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it. Both name and type may be missing, and are whatever the sender says."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that Telegram keeps."""

    file_id: str
    path: str
    upload: Upload

    def wire(self) -> Wire:
        """The fields that every kind of file shares."""
        return {
            "file_id": self.file_id,
            "file_unique_id": "u" + self.file_id,
            "file_size": len(self.upload.content),
        }


class FileShelf:
    """Stored files by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}

    def add_photo(self, upload: Upload) -> list[Wire]:
        """Keep a picture; its sizes as the Bot API lists them. Raises ApiError for what is no picture."""
        if len(upload.content) > MAX_PHOTO_BYTES:
            raise bad_request("too big file size")
        width, height = image_size(upload.content)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        stored = self._keep("photos", upload)
        return [{**stored.wire(), "width": width, "height": height}]

    def add_document(self, upload: Upload) -> Wire:
        """Keep a document. Raises ApiError for one that is empty or larger than any."""
        if len(upload.content) > MAX_DOCUMENT_BYTES:
            raise bad_request("too big file size")
        if not upload.content:
            raise bad_request("file must be non-empty")
        stored = self._keep("documents", upload)
        told = {"file_name": upload.name, "mime_type": upload.content_type}
        return {**stored.wire(), **{field: value for field, value in told.items() if value}}

    def find(self, file_id: str) -> StoredFile | None:
        """The file with this id."""
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        """The file with this download path."""
        return next((stored for stored in self._by_id.values() if stored.path == path), None)

    def _keep(self, folder: str, upload: Upload) -> StoredFile:
        number = len(self._by_id) + 1
        suffix = upload.name.rpartition(".")[2].lower() if "." in upload.name else "bin"
        safe = suffix if suffix.isalnum() else "bin"
        stored = StoredFile(f"{folder[:-1]}-{number:06d}", f"{folder}/file_{number}.{safe}", upload)
        self._by_id[stored.file_id] = stored
        return stored


def image_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG. Raises ApiError 400 for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    raise bad_request("IMAGE_PROCESS_FAILED")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    raise bad_request("IMAGE_PROCESS_FAILED")
