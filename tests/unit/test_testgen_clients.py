"""Applications and commands are exercised through their own test clients, and what comes back is asked for."""

from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

from coding_agent.testgen.inside.model import Check
from support.candidates import candidate, text_of
from support.frameworks import PYTHON, needs
from support.inside import run_inside

EXPLORE = """
said = []
result = inside("jobs").explore(said.append, "m", seconds=%s, random_seed=1)
table = next(one["survey"]["table"] for one in said if "survey" in one)
result["open"] = [(table[number]["function"], table[number]["outcome"]) for number in result["open"]]
result["candidates"] = [one["candidate"] for one in said if "candidate" in one]
tell(result)
"""


def explored(folder: Path, source: str, seconds: float = 5) -> dict[str, Any]:
    return run_inside(folder, {"m.py": source}, EXPLORE % seconds, python=PYTHON)


def checked(result: dict[str, Any]) -> dict[str, list[str]]:
    """What is checked, by the call."""
    found: dict[str, list[str]] = {}
    for one in result["candidates"]:
        args = ", ".join(f"{arg['name']}={arg['code']}" if arg["name"] else arg["code"] for arg in one["act"]["args"])
        texts = [f"{each['kind']} {each['subject']} {each['value']} {each['match']}".strip() for each in one["checks"]]
        found[f"{one['act']['callee']}({args})"] = texts
    return found


PARSED = """
import argparse, sys

def level(text):
    if text not in ("low", "high"):
        raise argparse.ArgumentTypeError(f"no such level: {text}")
    return text

def build():
    parser = argparse.ArgumentParser(prog="tool")
    parser.add_argument("name")
    parser.add_argument("--level", type=level, default="low")
    parser.add_argument("--quiet", action="store_true")
    return parser

def main(argv=None):
    parser = build()
    args = parser.parse_args(argv)
    if args.name == "nobody":
        parser.error("nobody is no name")
    if args.quiet:
        return 1
    print(args.name, args.level)
    return 0

def script():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fast", action="store_true")
    return 1 if parser.parse_args().fast else 2
"""


def test_a_command_line_is_made_from_the_parser_that_reads_it(tmp_path: Path) -> None:
    result = explored(tmp_path, PARSED)
    found = checked(result)

    assert result["open"] == []
    assert found["main(['nobody'])"] == [
        "raises  SystemExit 2",
        "contains capsys.readouterr().err 'nobody is no name'",
    ]
    assert any("no such level: " in check for checks in found.values() for check in checks)
    assert any(call.startswith("build().parse_args(['") for call in found)
    lines = [patch["code"] for one in result["candidates"] for patch in one["patches"]]
    assert "['tool', '--fast']" in lines


CLICKED = """
import click

@click.group()
@click.option("--loud", is_flag=True)
@click.pass_context
def cli(ctx, loud):
    ctx.obj = loud

@cli.command()
@click.argument("name")
@click.option("--times", type=click.IntRange(1, 3), default=1)
@click.pass_obj
def greet(loud, name, times):
    if name == "abc":
        raise click.BadParameter("not abc", param_hint="name")
    for _ in range(times):
        click.echo(name.upper() if loud else name)

@click.command()
@click.argument("number", type=int)
def inverse(number):
    click.echo(1 // number)

@click.command()
@click.argument("file", type=click.File())
@click.option("--yes", is_flag=True)
def count(file, yes):
    if not yes:
        click.confirm("Sure?", abort=True)
    click.echo(len(file.read()))
"""


@needs("click")
def test_a_command_of_click_is_invoked_by_its_group(tmp_path: Path) -> None:
    result = explored(tmp_path, CLICKED)
    found = checked(result)

    refused = ["equal result.exit_code 2", "contains result.output 'Invalid value for name: not abc'"]
    assert refused in [checks for call, checks in found.items() if call.startswith("CliRunner().invoke(m.cli, [")]
    assert any(call.startswith("CliRunner().invoke(m.cli, ['--loud', 'greet', ") for call in found)
    assert any("--times" in call for call in found)
    assert found["CliRunner().invoke(m.inverse, ['1'])"] == ["equal result.exit_code 0", r"equal result.output '1\n'"]
    # What the search made of a line and no command of ours has seen is nobody's.
    refusals = [call for call, checks in found.items() if any("No such command" in check for check in checks)]
    assert len(refusals) < 2
    # What a command dies of is no answer.
    assert "CliRunner().invoke(m.inverse, ['0'])" not in found
    answer = r"CliRunner().invoke(m.count, [str(path)], input='y\n')"
    assert found[answer][0] == "equal result.exit_code 0"
    assert "CliRunner().invoke(m.count, ['missing.txt'])" in found


FLASK = """
from flask import Blueprint, Flask, abort, jsonify, request

bp = Blueprint("things", __name__, url_prefix="/things")
THINGS = {4: "pen", 5: "ink"}

@bp.get("/<int:thing_id>")
def show(thing_id):
    if thing_id not in THINGS:
        abort(404, "no such thing")
    return jsonify(name=THINGS[thing_id])

@bp.get("/")
def search():
    limit = request.args.get("limit", type=int)
    if limit is not None and limit < 0:
        return jsonify(error="negative"), 400
    return jsonify(list(THINGS.values())[:limit])

@bp.post("/<int:thing_id>")
def rename(thing_id):
    data = request.get_json()
    if data["name"] == "nobody":
        return "", 403
    return jsonify(old=THINGS[thing_id]), 201

def create_app(testing=False):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", MOST=3)
    app.register_blueprint(bp)
    app.testing = testing

    @app.get("/health")
    def health():
        return {"testing": app.testing}

    return app
"""


@needs("flask")
def test_views_of_flask_are_asked_through_the_client_of_their_factory(tmp_path: Path) -> None:
    result = explored(tmp_path, FLASK, 10)
    found = checked(result)

    assert result["open"] == []
    client = "app.test_client()"
    assert found[f"{client}.get('/things/4')"] == ["equal result.status_code 200", "equal result.json {'name': 'pen'}"]
    assert ["equal result.status_code 404", "contains result.text 'no such thing'"] in found.values()
    assert any(call.endswith("json={'name': 'nobody'})") for call in found)
    assert any("query_string={'limit': -1}" in call for call in found)
    # A KeyError in a view answers with 500, which nobody meant.
    assert not any("equal result.status_code 500" in checks for checks in found.values())
    arranged = {line for one in result["candidates"] for line in one["arrange"]}
    assert {"app = create_app()", "app = create_app(testing=True)"} <= arranged
    # Nor is what Flask says of a body.
    assert ["equal result.status_code 415"] in found.values()


@needs("flask")
def test_of_an_application_only_what_the_project_set_is_asked_for(tmp_path: Path) -> None:
    script = """
engine = engine_of("m")
found = inside("observe").Observer(engine).checked(candidate("create_app", "True"))
tell(["%s %s %s" % check[:3] for check in found.checks])
"""
    found = run_inside(tmp_path, {"m.py": FLASK}, script, python=PYTHON)
    assert found == ["is result.config['TESTING'] True", "equal result.config['MOST'] 3", "type result Flask"]


FAST = """
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

app = FastAPI()

class Item(BaseModel):
    name: str = Field(pattern="^[A-Z]{2}$")
    price: float = Field(gt=10)

def user(x_token: str = Header()):
    if x_token != "sesame":
        raise HTTPException(401, "bad token")
    return x_token

@app.post("/items/{number}", status_code=201)
def create(number: int, item: Item, who: str = Depends(user)):
    return {"number": number, "name": item.name, "dear": item.price > 100}
"""


@needs("fastapi", "starlette.testclient")
def test_what_fastapi_wants_is_sent(tmp_path: Path) -> None:
    found = checked(explored(tmp_path, FAST))
    answers = {check for checks in found.values() for check in checks}

    assert {f"equal result.status_code {code}" for code in (201, 401, 422)} <= answers
    assert "equal result.json() {'detail': 'bad token'}" in answers
    where = "equal [error['loc'] for error in result.json()['detail']]"
    assert any(check.startswith(where) and "['body', 'price']" in check for check in answers)
    assert any("headers={'x-token': 'sesame'}, json={'name': 'ET', 'price': 100" in call for call in found)


def test_requests_and_lines_have_names_and_ids_that_read() -> None:
    def asked(target: str, code: str, *args: str | tuple[str, str], method: str = "get") -> Any:
        check = Check("equal", "result.status_code", code)
        return candidate(target, f"app.test_client().{method}", *args, checks=[check])

    def ran(code: str, args: str) -> Any:
        check = Check("equal", "result.exit_code", code)
        return candidate("greet", "CliRunner().invoke", "cli", args, checks=[check], imports=["from m import cli"])

    text = text_of(
        asked("index", "200", "'/'"),
        asked("show_item", "404", "'/items/7'"),
        asked("order", "409", "'/items/3/order'", ("json", "{'count': 11}"), method="post"),
        asked("search", "200", "'/search'", ("query_string", "{'limit': 1, 'name': 'pen'}")),
        asked("search", "400", "'/search'", ("query_string", "{}")),
    )
    assert [line for line in text.splitlines() if line.startswith("def ") or "id=" in line] == snapshot(
        [
            "def test_index_returns_ok():",
            "def test_show_item_returns_not_found_for_seven():",
            "def test_order_returns_conflict_for_three_count_eleven():",
            '        pytest.param({"limit": 1, "name": "pen"}, 200, id="limit=1, name=pen"),',
            '        pytest.param({}, 400, id="empty query_string"),',
            "def test_search_with_query_string(query_string, expected):",
        ]
    )
    text = text_of(ran("0", "['greet', '--shout', 'Ada']"), ran("2", "['greet']"))
    assert [line.strip() for line in text.splitlines() if line.startswith("def ") or "id=" in line] == snapshot(
        [
            'pytest.param(["greet", "--shout", "Ada"], 0, id="greet --shout Ada"),',
            'pytest.param(["greet"], 2, id="greet"),',
            "def test_greet(args, expected):",
        ]
    )
