"""Stock of a small shop: what is there, what it costs, what to order again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum


class Shelf(Enum):
    DRY = "dry"
    COLD = "cold"
    FROZEN = "frozen"


class OutOfStock(Exception):
    def __init__(self, article: Article, wanted: int) -> None:
        super().__init__(f"{article.name}: {wanted} wanted, {article.count} left")
        self.article = article
        self.wanted = wanted


@dataclass
class Article:
    name: str
    price: Decimal
    shelf: Shelf = Shelf.DRY
    count: int = 0
    tags: list[str] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        return self.price * self.count

    def take(self, wanted: int) -> None:
        if wanted > self.count:
            raise OutOfStock(self, wanted)
        self.count -= wanted


class Inventory:
    """Articles by name."""

    def __init__(self) -> None:
        self._articles: dict[str, Article] = {}
        self._history: list[tuple[str, int]] = []

    def __len__(self) -> int:
        return len(self._articles)

    def add(self, article: Article) -> None:
        known = self._articles.get(article.name)
        if known is None:
            self._articles[article.name] = article
        else:
            known.count += article.count
        self._history.append((article.name, article.count))

    def sell(self, name: str, count: int = 1) -> Decimal:
        article = self._articles[name]
        article.take(count)
        self._history.append((name, -count))
        return article.price * count

    def total(self) -> Decimal:
        return sum((article.value for article in self._articles.values()), Decimal(0))

    def by_shelf(self) -> dict[Shelf, list[Article]]:
        shelves = defaultdict(list)
        for article in self._articles.values():
            shelves[article.shelf].append(article)
        return dict(shelves)

    def to_order(self, least: int = 5) -> list[str]:
        return sorted(
            article.name
            for article in self._articles.values()
            if article.count < least and "discontinued" not in article.tags
        )
