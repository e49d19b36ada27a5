"""The frozen questions are well formed; the packages they ask about are not needed for that."""

import hashlib
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from search_questions import (  # noqa: E402
    FOLDER,
    PHRASINGS,
    Question,
    QuestionFile,
    UnknownAnswer,
    read_all,
    relevant,
)

FILES = read_all()
# Both phrasings were frozen on 1 December 2026; the README says what happens when a mistake is found.
FROZEN = "00d47b85f51fbaf7dff8ea0bf74417913c58089d193cd8fb7e9221f1be89905e"
PACKAGES = {"celery", "django", "pandas", "rich", "scrapy", "sqlalchemy"}
# What search_eval.py asks already, under NATURAL.
JUDGES_OWN = """
how are the proxies picked from environment variables
strip the authorization header when redirected to another host
decide which http method to use after a redirect
build the boundary and body for uploading files
raise an exception when the status is 4xx or 5xx
guess the text encoding of a json payload
read user name and password from the netrc file
compute the digest authentication header
stream the response body in pieces
choose the transport adapter for a url prefix
check the ssl certificate before sending
should this host bypass the proxy
turn a cookie jar into a plain dictionary
find out how many bytes are left in a file like object
follow link headers for pagination
make the content-length header
where is the session cookie written to the response
compare the csrf token of the form with the cookie
hash a password with pbkdf2
which migrations have to be applied
detect that a model field was renamed
resolve a request path to a view function
build a url from the view name
escape characters so html cannot be injected
sign a value with the secret key
log a user in and rotate the session key
send many emails over one connection
split a queryset into pages
collect related objects that will be deleted in cascade
load several objects of a relation with one extra query
serve a static file during development
restart the server when source code changes
wrap a block so that all database writes are rolled back on error
convert a template string into nodes
pick the language from the accept-language header
validate that an ip address is correct ipv6
make a slug out of a title
store an uploaded file that exceeds the memory limit on disk
check that the host header is allowed
add a column to a database table
""".strip().splitlines()


def test_six_packages_of_fifty_questions() -> None:
    assert {package: len(file.questions) for package, file in FILES.items()} == dict.fromkeys(PACKAGES, 50)


def test_the_questions_are_those_that_were_frozen() -> None:
    texts = "".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.toml")))
    assert hashlib.sha256(texts.encode()).hexdigest() == FROZEN


def test_no_question_twice_nor_one_of_the_judge() -> None:
    asked = [
        each.text(phrasing).casefold() for phrasing in PHRASINGS for file in FILES.values() for each in file.questions
    ]
    assert len(asked) == 2 * 300
    assert len({*asked, *JUDGES_OWN}) == 2 * 300 + len(JUDGES_OWN)


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_each_question_is_a_short_line_with_one_to_four_answers(file: QuestionFile) -> None:
    for each in file.questions:
        for text in (each.plain, each.hard):
            assert text == " ".join(text.split())
            assert 3 <= len(text.split()) <= 15
        assert 1 <= len(each.answers) <= 4
        assert len(set(each.answers)) == len(each.answers)


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_answers_are_a_path_in_the_package_and_a_qualified_name(file: QuestionFile) -> None:
    for each in file.questions:
        for answer in each.answers:
            path, _, name = answer.partition("::")
            assert path.startswith(f"{file.package}/")
            assert path.endswith(".py")
            assert all(part.isidentifier() for part in name.split("."))


def test_an_answer_outside_the_pool_is_an_error_not_a_miss() -> None:
    docs = [{"path": "rich/cells.py", "qualname": "cell_len"}, {"path": "rich/cells.py", "qualname": "cell_len"}]
    known = Question("cell length of a text", "how wide is a text", ("rich/cells.py::cell_len",))
    assert relevant(QuestionFile("rich", "15.0.0", (known,)), docs) == [{0, 1}]
    lost = Question("length of a line", "how wide is a line", ("rich/cells.py::line_len",))
    with pytest.raises(UnknownAnswer, match="line_len"):
        relevant(QuestionFile("rich", "15.0.0", (known, lost)), docs)
