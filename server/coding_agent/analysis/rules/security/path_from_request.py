"""A request names the file that is opened: with ``../`` in it, any file.

Whoever sends the request reads, overwrites or removes whatever the program may. Take the name of a list of
known ones, or check that the resolved path is still in the folder (``Path.is_relative_to``); Flask's
``send_from_directory`` does. Functions that check anything themselves are left alone.

Source: CWE-22, path traversal.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import in_tests
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.outside import from_request, is_checked
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    if from_request(node.args[0], context) and not is_checked(node, context):
        yield context.finding(node.args[0], "the request decides which file this is; check that it stays in its folder")


RULE = Rule(
    name="path-from-request",
    check=check,
    calls=(
        *("builtins.open", "io.open", "os.remove", "os.unlink", "os.listdir", "shutil.rmtree", "shutil.copy"),
        *("flask.send_file", "fastapi.responses.FileResponse", "starlette.responses.FileResponse", "aiofiles.open"),
        *("django.http.FileResponse", "zipfile.ZipFile", "tarfile.open"),
    ),
    cwe=22,
    twins=("codeql:py/path-injection",),
    budget=5_000,
    examples=(
        Example(
            "the name as it came",
            before=(
                "import os\nfrom flask import request, send_file\n\n\ndef download():\n"
                "    name = request.args['name']\n    return send_file($0os.path.join('files', name)$0)\n"
            ),
        ),
        Example(
            "django",
            before=(
                "def show(request):\n    with open($0'pages/' + request.GET.get('page')$0) as file:\n"
                "        return file.read()\n"
            ),
        ),
        Example(
            "cleaned",
            before=(
                "from flask import request\nfrom werkzeug.utils import secure_filename\n\n\ndef show():\n"
                "    return open('files/' + secure_filename(request.args['name'])).read()\n"
            ),
        ),
        Example(
            "one of a list",
            before=(
                "from flask import request, abort\n\nPAGES = {'a', 'b'}\n\n\ndef show():\n"
                "    page = request.args['page']\n    if page not in PAGES:\n        abort(404)\n"
                "    return open(f'pages/{page}').read()\n"
            ),
        ),
        Example("not of a request", before="def show(name):\n    return open(name).read()\n"),
    ),
)
