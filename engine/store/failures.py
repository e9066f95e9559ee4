"""What a failing database means to the user: one sentence that names the file and the remedy."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from engine.model.errors import JournalUnavailable

PRIMARY_CODE: Final = 0xFF
"""SQLite's extended codes carry their kind in the lowest byte."""

SENTENCES: Final[dict[int, str]] = {
    sqlite3.SQLITE_BUSY: "The database {file} is locked by another program: close what has it open, then try again.",
    sqlite3.SQLITE_LOCKED: "The database {file} is locked by another program: close what has it open, then try again.",
    sqlite3.SQLITE_FULL: "The database {file} cannot grow, its disk is full: free some space, then try again.",
    sqlite3.SQLITE_CORRUPT: "The database {file} is damaged: restore it from a backup.",
    sqlite3.SQLITE_NOTADB: "The file {file} is not a database: restore it from a backup, or name another file.",
    sqlite3.SQLITE_READONLY: "The database {file} is read-only: let this user write to it and its folder.",
    sqlite3.SQLITE_PERM: "The database {file} may not be opened: let this user read and write it and its folder.",
    sqlite3.SQLITE_CANTOPEN: "The database {file} cannot be opened: check that it and its folder can be read and "
    "written by this user.",
    sqlite3.SQLITE_IOERR: "The database {file} cannot be read or written: check its disk, and restore it from a backup "
    "if it is damaged.",
}

PATH_SENTENCES: Final[dict[int, str]] = {
    errno.EACCES: "The database {file} may not be opened: let this user read and write it and its folder.",
    errno.EPERM: "The database {file} may not be opened: let this user read and write it and its folder.",
    errno.EROFS: "The database {file} lies on a disk that cannot be written to: move it to another one.",
    errno.EISDIR: "The database {file} is a folder: name a file in it.",
    errno.ENOTDIR: "The database {file} has a file where its path needs a folder: name another path.",
    errno.ENOSPC: "The database {file} cannot be made, its disk is full: free some space, then try again.",
}


def of_database(file: str, error: DBAPIError | sqlite3.Error) -> JournalUnavailable:
    """The sentence for an error of the database; the error itself belongs in its cause."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None)
    sentence = SENTENCES.get(code & PRIMARY_CODE) if isinstance(code, int) else None
    if sentence is None:
        sentence = "The database {file} failed ({problem}): check it, then try again."
    return JournalUnavailable(sentence.format(file=file, problem=origin))


def of_path(file: str, error: OSError) -> JournalUnavailable:
    """The sentence for an error of the file system."""
    sentence = PATH_SENTENCES.get(error.errno or 0, "The database {file} cannot be opened ({problem}): check its path.")
    return JournalUnavailable(sentence.format(file=file, problem=error.strerror or error))
