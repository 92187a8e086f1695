"""A language server: an editor sends what is typed, and gets findings, fixes and pages of rules.

Documents are texts in the memory of the editor; what is told of them is told in its positions. Nothing here decides
what is wrong. This is the only room that knows pygls, and it writes to no stream but the one of the protocol.
"""

from __future__ import annotations

import logging
from typing import BinaryIO

from keraslint.server.talk import Talk

__all__ = ["serve"]


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Talk with an editor until it says goodbye: 0 then, 1 when it went away without."""
    logging.basicConfig(level=logging.WARNING)  # to standard error, which editors keep as a log
    talk = Talk()
    talk.start_io(incoming, outgoing)
    return talk.end()
