"""The database's file before SQLite sees it: made for this user alone, and held by one program at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from engine.model.errors import JournalInUse
from engine.store import failures

OWNER_ONLY_FILE = 0o600
OWNER_ONLY_FOLDER = 0o700
LOCK_SUFFIX = ".lock"


class HeldFile:
    """A database file that no other Equipoise uses as long as this object holds it."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    def release(self) -> None:
        """Let others have it. The lock's file stays: removing it could free a lock that someone else just took."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def hold(path: Path) -> HeldFile:
    """Take a database file, making it where it is missing. Raises JournalUnavailable."""
    try:
        path = path.resolve()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _make_folder(path.parent)
        lock = _lock(path)
    except (OSError, RuntimeError) as error:
        # RuntimeError is how Path.resolve reports a loop of links.
        problem = error if isinstance(error, OSError) else OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        raise failures.of_path(str(path), problem) from error
    held = HeldFile(path, lock)
    try:
        _make_or_check(path)
    except OSError as error:
        held.release()
        raise failures.of_path(str(path), error) from error
    return held


def _make_folder(folder: Path) -> None:
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)


def _lock(path: Path) -> int:
    lock_path = path.with_name(path.name + LOCK_SUFFIX)
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY_FILE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise JournalInUse(
            f"another Equipoise is already running on this database ({path}, process {holder}): "
            "stop it first, or give this one a database of its own."
        ) from error
    except OSError:
        os.close(lock)
        raise
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def _make_or_check(path: Path) -> None:
    """Make the file closed to others before anything is in it; its -wal and -shm files inherit that."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY_FILE))
    except FileExistsError:
        # SQLite would open a file that may not be written without a word, and fail at the first write.
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
