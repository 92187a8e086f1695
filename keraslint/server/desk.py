"""Which judgement holds: a subject is judged in a thread, once for each state of the documents, and only when asked.

Whoever asks gets a judgement of what is there now. What was begun for an older state is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from keraslint.config import Overrides
from keraslint.server.actions import mended
from keraslint.server.documents import Documents
from keraslint.server.judge import Judged, judge

Result = TypeVar("Result")


class Desk:
    """The judgements of all subjects. Everything here runs in the loop of the server but what `_pool` runs."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.overrides = Overrides()
        self._pool = ThreadPoolExecutor(1, "keraslint")
        self._states: dict[str, int] = {}
        self._done: dict[str, tuple[int, Judged]] = {}
        self._running: dict[str, tuple[int, asyncio.Task[Judged]]] = {}

    def outdate(self, key: str) -> None:
        """A subject is not what it was."""
        self._states[key] = self._states.get(key, 0) + 1
        if running := self._running.pop(key, None):
            running[1].cancel()

    def forget(self, key: str) -> None:
        """A subject is gone."""
        self.outdate(key)
        self._done.pop(key, None)

    async def judged(self, key: str) -> Judged:
        """The judgement of a subject as it is now."""
        while True:
            state = self._states.get(key, 0)
            if (done := self._done.get(key)) is not None and done[0] == state:
                return done[1]
            if (running := self._running.get(key)) is None or running[0] != state:
                running = state, asyncio.create_task(self._judge(key, state))
                self._running[key] = running
            try:
                await asyncio.shield(running[1])
            except asyncio.CancelledError:
                asked = asyncio.current_task()
                if not running[1].cancelled() or (asked is not None and asked.cancelling()):
                    raise  # nobody waits for the answer any more

    async def _judge(self, key: str, state: int) -> Judged:
        subject, contents = self.documents.subject(key), self.documents.contents()
        root, overrides = self.documents.root(subject.path), self.overrides
        judged = await self.in_thread(lambda: judge(subject, root, contents, overrides))
        if self._states.get(key, 0) == state:
            self._done[key] = state, judged
        return judged

    async def mended(self, judged: Judged) -> dict[str, str]:
        """The texts of a subject after all safe fixes, by URI."""
        contents, overrides = self.documents.contents(), self.overrides
        return await self.in_thread(lambda: mended(judged, contents, overrides))

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Work that takes long; what was not begun is not begun any more when nobody waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Nothing more is judged."""
        for _, task in self._running.values():
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
