"""Visits pages breadth first, several at once, politely."""

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

logger = logging.getLogger(__name__)

DEFAULT_LIMIT = 8
RETRIES = 3


class Throttle:
    def __init__(self, per_second: float) -> None:
        self.interval = 1 / per_second
        self.last: dict[str, float] = {}

    async def wait(self, host: str) -> None:
        due = self.last.get(host, 0) + self.interval
        delay = due - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        self.last[host] = time.monotonic()


class Crawler:
    def __init__(self, fetch, *, limit: int = DEFAULT_LIMIT, throttle: Throttle | None = None):
        self.fetch = fetch
        self.throttle = throttle or Throttle(per_second=2)
        self.seen = set()
        self.failed = {}
        self._gate = asyncio.Semaphore(limit)

    @asynccontextmanager
    async def slot(self, url: str):
        async with self._gate:
            await self.throttle.wait(urlsplit(url).hostname or "")
            try:
                yield
            finally:
                logger.debug("left %s", url)

    async def visit(self, url: str) -> list[str]:
        for attempt in range(1, RETRIES + 1):
            try:
                async with self.slot(url):
                    page = await self.fetch(url)
            except (OSError, asyncio.TimeoutError) as error:
                logger.warning("attempt %d of %s failed: %s", attempt, url, error)
                self.failed[url] = error
                await asyncio.sleep(2**attempt)
            else:
                self.failed.pop(url, None)
                return [urljoin(url, link) for link in page.links]
        return []

    async def run(self, start: str, depth: int = 2) -> set[str]:
        level = {start}
        for _ in range(depth):
            fresh = [url for url in level if url not in self.seen]
            self.seen.update(fresh)
            found = await asyncio.gather(*(self.visit(url) for url in fresh))
            level = {link for links in found for link in links}
            if not level:
                break
        return self.seen
