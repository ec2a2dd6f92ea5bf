"""A drawer and a purse in memory, for networks that are handed theirs."""

from netbot.model import RateLimited, UsageError


class Drawer:
    """Keeps the last text, and all that it ever kept; full when told so."""

    def __init__(self, text: str = "") -> None:
        self.kept = [text] if text else []
        self.is_full = False

    def read(self) -> str:
        return self.kept[-1] if self.kept else ""

    def write(self, text: str) -> None:
        if self.is_full:
            raise UsageError("the disk is full")
        self.kept.append(text)


class Purse:
    """Holds so much, and knows the most that was ever taken out."""

    def __init__(self, micros: int = 10_000_000) -> None:
        self.micros = micros
        self.spent = 0
        self.asked: list[int] = []

    def take(self, micros: int) -> None:
        self.asked.append(micros)
        if self.spent + micros > self.micros:
            raise RateLimited("the money is spent", retry_after_s=3600)
        self.spent += micros

    def give_back(self, micros: int) -> None:
        self.spent -= micros
