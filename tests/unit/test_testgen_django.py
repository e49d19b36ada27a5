"""Modules of a Django project: its settings are found, forms, models and views are used as they are meant to be."""

import re
from pathlib import Path
from typing import Any

import pytest

from coding_agent.testgen.inside.model import Check
from coding_agent.testgen.style import Style
from support.candidates import candidate, text_of
from support.frameworks import PYTHON, needs
from support.inside import run_inside

SETTINGS = """
SECRET_KEY = "x"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ["notes"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
MANAGE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
"""
MODELS = """
from django.core.exceptions import ValidationError
from django.db import models

class Note(models.Model):
    title = models.CharField(max_length=40)
    stars = models.IntegerField(default=0)

    def clean(self):
        if self.title == "untitled":
            raise ValidationError("choose a title")

    def rank(self):
        return "high" if self.stars > 70 else "low"
"""
VIEWS = """
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from .models import Note

class ContactForm(forms.Form):
    name = forms.CharField(max_length=9)
    email = forms.EmailField()

    def clean_name(self):
        if self.cleaned_data["name"] == "root":
            raise forms.ValidationError("reserved")
        return self.cleaned_data["name"]

def hello(request, name):
    if name == "nobody":
        raise Http404
    if name == "root":
        raise PermissionDenied("not you")
    return JsonResponse({"hello": name, "tone": request.GET.get("tone", "calm")})

def contact(request):
    form = ContactForm(request.POST)
    if request.method == "POST" and form.is_valid():
        return redirect("/hello/ada/")
    return JsonResponse(form.errors, status=400)

def count(request):
    return JsonResponse({"notes": Note.objects.count()})
"""
URLS = """
from django.urls import path
from notes import views
urlpatterns = [
    path("hello/<str:name>/", views.hello), path("contact/", views.contact), path("count/", views.count),
]
"""
LABELS = """
from django.conf import settings
from django.utils.html import format_html

def banner():
    return "debug" if settings.DEBUG else "live"

def badge(text):
    return format_html("<b class=badge>{}</b>", text)
"""
TESTS = """
from notes.labels import banner

def test_banner():
    assert banner() == "live"
"""
FILES = {
    "manage.py": MANAGE, "settings.py": SETTINGS, "urls.py": URLS, "notes/__init__.py": "",
    "notes/models.py": MODELS, "notes/views.py": VIEWS, "notes/labels.py": LABELS,
}  # fmt: skip
EXPLORE = """
said = []
result = inside("jobs").explore(said.append, %r, seconds=4, random_seed=1)
candidates = [one["candidate"] for one in said if "candidate" in one]
tell([result["problems"], candidates])
"""


def checked(folder: Path, module: str) -> dict[str, list[str]]:
    """What is checked, by what is arranged and the call."""
    problems, candidates = run_inside(folder, FILES, EXPLORE % module, python=PYTHON)
    assert problems == []
    found: dict[str, list[str]] = {}
    for one in candidates:
        args = ", ".join(f"{arg['name']}={arg['code']}" if arg["name"] else arg["code"] for arg in one["act"]["args"])
        call = "; ".join([*one["arrange"], f"{one['act']['callee']}({args})"])
        found[call] = [f"{each['kind']} {each['subject']} {each['value']}{each['match']}" for each in one["checks"]]
    return found


@needs("django")
def test_views_are_asked_by_their_urls_and_forms_judged(tmp_path: Path) -> None:
    found = checked(tmp_path, "notes.views")

    assert found["Client().get('/hello/nobody/')"] == ["equal result.status_code 404"]
    assert any(re.match(r"Client\(\).get\('/hello/\w+/', data={'tone': '", call) for call in found)
    hello = [check for checks in found.values() for check in checks if "{'hello': 'abc', 'tone': " in check]
    assert hello
    posted = "Client().post('/contact/', data={'name': 'abc', 'email': 'user@example.com'})"
    assert found[posted] == ["equal result.status_code 302", "equal result.url '/hello/ada/'"]
    refused = "contact_form = ContactForm({'name': 'root', 'email': 'user@example.com'}); contact_form.is_valid()"
    assert found[refused] == ["is result False", "equal contact_form.errors {'name': ['reserved']}"]
    # The database is out of reach.
    assert not any("/count/" in call for call in found)


@needs("django")
def test_pages_that_django_writes_are_asked_for_their_status(tmp_path: Path) -> None:
    script = """
os.chdir(folder)
inside("django_project").ready([str(folder)])
from django.test import Client
client = Client()
pages = [client.get(path) for path in ("/hello/nobody/", "/hello/root/", "/nowhere/")]
pages.append(Client(enforce_csrf_checks=True).post("/contact/"))
tell([[text for text, _ in inside("answers").asked(page)] + [page.status_code] for page in pages])
"""
    files = {**FILES, "settings.py": SETTINGS + "MIDDLEWARE = ['django.middleware.csrf.CsrfViewMiddleware']\n"}
    found = run_inside(tmp_path, files, script, python=PYTHON)
    assert found == [["{}.status_code", status] for status in (404, 403, 404, 403)]


@needs("django")
def test_settings_are_those_of_a_test_run(tmp_path: Path) -> None:
    found = checked(tmp_path, "notes.labels")

    assert found["banner()"] == ["equal result 'live'"]
    # A text that only knows that it may be shown is compared as the text it is.
    assert ["equal result '<b class=badge>abc</b>'"] in found.values()


@needs("django", "pytest_django")
@pytest.mark.parametrize("autoload", [False, True], ids=["without plugins", "with the one of pytest-django"])
def test_a_file_is_run_as_the_runner_of_the_project_would(tmp_path: Path, autoload: bool) -> None:
    script = f"""
said = []
ran = inside("testing").run(said.append, {{"notes/test_labels.py": {TESTS!r}}}, ["notes/test_labels.py"],
                            project=str(folder), autoload={autoload}, from_root=True)
tell([ran["problems"], [(one["test"], one["outcome"], one["why"]) for one in said]])
"""
    assert run_inside(tmp_path, FILES, script, python=PYTHON) == [[], [["test_banner", "passed", ""]]]


@needs("django")
def test_models_are_made_without_a_database(tmp_path: Path) -> None:
    found = checked(tmp_path, "notes.models")

    assert found["note = Note(title='untitled'); note.clean()"][0].startswith("raises  ValidationError")
    ranks = {check for call, checks in found.items() if call.endswith("note.rank()") for check in checks}
    assert {"equal result 'high'", "equal result 'low'"} <= ranks


def test_settings_are_named_by_pytest_or_manage(tmp_path: Path) -> None:
    script = """
named = inside("django_project").settings_named
(folder / "other").mkdir()
(folder / "other/pyproject.toml").write_text('[tool.pytest.ini_options]\\nDJANGO_SETTINGS_MODULE = "site.test"\\n')
tell([list(named([str(folder)])), list(named([str(folder / "other"), str(folder)])), list(named(["/nowhere"]))])
"""
    found: Any = run_inside(tmp_path, {"manage.py": MANAGE}, script.replace("\\\\", "\\"))
    assert found == [["settings"], ["site.test", "settings"], []]


def test_cases_of_a_django_project_are_those_of_django() -> None:
    one = candidate("ContactForm", "contact_form.is_valid", equal="False",
                    arrange=["contact_form = ContactForm({'name': 'root'})"],
                    checks=[Check("equal", "contact_form.errors", "{'name': ['reserved']}")])  # fmt: skip
    text = text_of(one, style=Style(unittest=True, django=True))

    assert "from django.test import SimpleTestCase\n" in text
    assert "class TestContactForm(SimpleTestCase):\n    def test_contact_form_rejects_name_root(self):\n" in text
