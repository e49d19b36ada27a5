"""What a model suggested last, so that who types just that asks nobody."""

from dataclasses import dataclass


@dataclass(slots=True)
class Suggested:
    """What was suggested last: behind which text, on which line of which document."""

    uri: str = ""
    line: int = -1
    before: str = ""
    text: str = ""

    def rest(self, uri: str, line: int, before: str) -> str:
        """What is left of it where what was typed since is its beginning; "" elsewhere."""
        if (uri, line) != (self.uri, self.line) or not before.startswith(self.before):
            return ""
        typed = before[len(self.before) :]
        return self.text[len(typed) :] if self.text.startswith(typed) else ""
