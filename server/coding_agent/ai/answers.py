"""Answers that were given before, by everything that was asked: with their placeholders, so that no secret is kept."""

from pathlib import Path

from coding_agent.store.cache import FactCache, digest

_SIZE = 64 * 1024 * 1024


class Answers:
    """``folder`` is None where none are kept. What the disk does not take is asked again."""

    def __init__(self, folder: Path | None) -> None:
        self._facts = FactCache(folder, _SIZE) if folder is not None else None

    def get(self, key: str) -> str | None:
        if self._facts is None:
            return None
        kept = self._facts.get(digest("answer", key))
        return kept if isinstance(kept, str) else None

    def keep(self, key: str, text: str) -> None:
        if self._facts is not None:
            self._facts.set(digest("answer", key), text)

    def close(self) -> None:
        if self._facts is not None:
            self._facts.close()
