# pyright: standard
# Answers of clients of libraries that may not be there.
"""What the test clients of applications answer: what is asked of it, and the accident that one may hide."""

import http
import json
import logging
import re
from typing import Any, Callable, Iterator, List, Optional, Tuple

_KINDS = {
    "werkzeug.wrappers.response.Response": "flask",
    "httpx.Response": "httpx",
    "httpx._models.Response": "httpx",
    "django.http.response.HttpResponseBase": "django",
    "click.testing.Result": "click",
}
_TEXT = {"flask": "{}.text", "httpx": "{}.text", "django": "{}.content.decode()"}
_JSON = {"flask": "{}.json", "httpx": "{}.json()", "django": "{}.json()"}
_PLACE = {"flask": "{}.location", "httpx": "{}.headers['location']", "django": "{}.url"}
_DJANGO_PAGE = re.compile(
    r"<h1>(?:Not Found</h1><p>The requested resource"
    r"|(?:403 Forbidden|Bad Request \(400\)|Server Error \(500\))</h1><p></p>|Forbidden <span>\(403\)</span>)"
)
_OF_JSON = ("Did not attempt to load JSON data", "Failed to decode JSON object")
"""How Flask begins to refuse a body."""
_PHRASES = frozenset(status.phrase for status in http.HTTPStatus if status >= 400)
LONGEST = 200
CONTAINS = "in "
"""Begins what is asked where the answer is only a part of it."""

Asked = Iterator[Tuple[str, Callable[[], Any]]]


def kind_of(value: Any) -> str:
    """Return flask, httpx, django or click for what their clients answer; empty for everything else."""
    return next((_KINDS[full] for full in map(_full, type(value).__mro__) if full in _KINDS), "")


def _full(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def asked(value: Any) -> Asked:
    """Give what a test asks of an answer, with ``{}`` for it: its status or exit code, then what it says."""
    kind = kind_of(value)
    if kind == "click":
        yield from _of_click(value)
        return
    yield "{}.status_code", lambda: value.status_code
    text = _text(value, kind)
    if 300 <= value.status_code < 400:
        yield _PLACE[kind], lambda: eval(_PLACE[kind].format("value"), {"value": value})
    elif text is not None and "json" in str(value.headers.get("content-type", "")):
        yield from _of_json(json.loads(text), kind)
    elif text:
        yield from _of_text(text, kind)


def class_of(value: Any) -> Tuple[int, str]:
    """Return what tells answers apart: the status, and of a refusal a part of its text that holds no input."""
    kind = kind_of(value)
    if kind == "click":
        wrong = re.search(r"^Error: (.{0,20})", value.output, re.MULTILINE)
        return value.exit_code, wrong[1] if wrong else ""
    text = _text(value, kind) if value.status_code >= 400 else None
    return value.status_code, re.sub(r"\d", "", (text or "")[-60:])


def _text(value: Any, kind: str) -> Optional[str]:
    if kind == "django" and getattr(value, "streaming", False):
        return None
    try:
        return value.content.decode() if kind == "django" else value.text
    except (UnicodeDecodeError, AttributeError):
        return None


def _of_json(data: Any, kind: str) -> Asked:
    detail = data.get("detail") if isinstance(data, dict) else None
    if isinstance(detail, list) and detail and all(isinstance(one, dict) and "loc" in one for one in detail):
        # What the messages of a validation say changes with its library; where it failed does not.
        yield "[error['loc'] for error in {}.json()['detail']]", lambda: [one["loc"] for one in detail]
    else:
        yield _JSON[kind], lambda: data


def _of_text(text: str, kind: str) -> Asked:
    told = re.match(
        r"<!doctype html>\s*<html lang=en>\s*<title>(\d+) [^<]*</title>\s*<h1>[^<]*</h1>\s*<p>(.*?)</p>", text
    )
    if told:
        # A page that werkzeug writes: only what the project put there is the project's.
        if told[2] != _own_words(int(told[1])) and not told[2].startswith(_OF_JSON):
            yield CONTAINS + _TEXT[kind], lambda: told[2]
    elif text in _PHRASES or (kind == "django" and _DJANGO_PAGE.search(text)):
        return  # what the framework says in its own words
    elif len(text) <= LONGEST:
        yield _TEXT[kind], lambda: text
    else:
        heading = re.search(r"<(title|h1)[^>]*>[^<]{2,60}</\1>", text)
        if heading:
            yield CONTAINS + _TEXT[kind], heading.group


def _own_words(code: int) -> str:
    from werkzeug.exceptions import default_exceptions  # pyright: ignore[reportMissingImports]

    return str(getattr(default_exceptions.get(code), "description", ""))


def _of_click(value: Any) -> Asked:
    yield "{}.exit_code", lambda: value.exit_code
    error = value.exception
    if error is not None and not isinstance(error, SystemExit):
        yield "type({}.exception)", lambda: type(error)
        yield "str({}.exception)", lambda: str(error)
    output = value.output
    wrong = re.search(r"^Error: (.*)", output, re.MULTILINE)
    if value.exit_code == 2 and wrong:
        yield CONTAINS + "{}.output", lambda: stable(wrong[1])
    elif output and not output.startswith("Usage: "):
        yield "{}.output", lambda: output


def is_judged_form(value: Any) -> bool:
    """Whether it is a form of Django, which says more behind ``is_valid()`` than before."""
    return hasattr(type(value), "base_fields") and hasattr(value, "is_valid")


def of_form(value: Any) -> Asked:
    """Give what a test asks of a form: nothing before it was judged."""
    if getattr(value, "_errors", None) is None:
        return
    if value.errors:
        yield "{}.errors", lambda: {name: list(errors) for name, errors in value.errors.items()}
    else:
        yield "{}.cleaned_data", lambda: value.cleaned_data


def complaint(printed: str) -> str:
    """Return what a parser of argparse complains about on the standard error output, without its usage; else ""."""
    found = re.search(r"^\S+(?: \S+)*: error: (.*)", printed, re.MULTILINE)
    return stable(found[1]) if found and printed.startswith("usage: ") else ""


def stable(message: str) -> str:
    """Return a message without the list of what would have been right, which each version spells anew."""
    return re.sub(r"(: invalid choice| \(choose from| is not one of).*", r"", message).strip()


def accident(value: Any, records: List[logging.LogRecord]) -> Optional[BaseException]:
    """Return the exception that an answer stands for: that of a command, or one that was logged with a 500."""
    kind = kind_of(value)
    if kind == "click":
        return None if isinstance(value.exception, SystemExit) else value.exception
    if kind and value.status_code == 500:
        logged = [record.exc_info[1] for record in records if record.exc_info and record.exc_info[1] is not None]
        return logged[-1] if logged else None
    return None


def answered(outcome: Any, records: List[logging.LogRecord], top: str) -> None:
    """Make an outcome whose answer hides an accident an ``accident``."""
    from .origin import raised_where

    error = accident(outcome.value, records) if kind_of(outcome.value) else None
    if error is None:
        return
    raised = raised_where(error, top)
    if raised is None or not (raised.explicit and raised.project and kind_of(outcome.value) == "click"):
        outcome.kind, outcome.error, outcome.raised = "accident", error, raised
