"""How an operating system says that a disk is full; small, for processes that load little."""

from __future__ import annotations

import errno
from typing import Final

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}


def is_no_room(error: BaseException) -> bool:
    """Whether it was raised because there was no room on a disk, or none left for this user."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM
