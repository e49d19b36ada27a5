"""Secrets are taken out of what is sent, ordinary code is not, and what comes back is put together again."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from coding_agent.ai.redaction import Restoring, known_values, redact
from support.planted import planted

AWS = "AKIA" + "QWERTYUIOPASDFGH"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
FERNET = "7QxV6nR4a8mW1zP0tY5cB3eH9kL2sD6fGjUoIiXqNvE="
HEX = "9f8a7b6c5d4e3f2a1b0c"
WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


def hidden(text: str, *known: str) -> str:
    """A text as it leaves; what comes back is the text itself."""
    redacted = redact([text], known)
    assert redacted.restored(redacted.texts[0]) == text
    return redacted.texts[0]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param('password = "hunter2"', 'password = "<SECRET_1>"', id="assigned"),
        pytest.param("db_password='hunter2'", "db_password='<SECRET_1>'", id="single quotes"),
        pytest.param('PASSWORD: str = "hunter2"', 'PASSWORD: str = "<SECRET_1>"', id="annotated"),
        pytest.param('self.apiKey = "k3y-93jd"', 'self.apiKey = "<SECRET_1>"', id="camel case"),
        pytest.param('f(x, client_secret="ab-19")', 'f(x, client_secret="<SECRET_1>")', id="keyword argument"),
        pytest.param("{'user': 'me', 'pwd': 'hunter2'}", "{'user': 'me', 'pwd': '<SECRET_1>'}", id="dict entry"),
        pytest.param('config["api-key"] = "k3y93"', 'config["api-key"] = "<SECRET_1>"', id="subscript"),
        pytest.param('password = b"hunter2"', 'password = b"<SECRET_1>"', id="bytes"),
        pytest.param('password = """hunter2"""', 'password = """<SECRET_1>"""', id="triple quotes"),
        pytest.param('pw = "it\\"s-42"', 'pw = "<SECRET_1>"', id="escaped quote"),
        pytest.param('token = f"a1B2c3D4e5-{n}"', 'token = f"<SECRET_1>"', id="f-string that is mostly literal"),
        pytest.param('password = ("hunt"\n  "er2")', 'password = ("<SECRET_1>")', id="two literals"),
        pytest.param('secret = "abc1" + "def2"', 'secret = "<SECRET_1>"', id="added literals"),
        pytest.param('password = given or "hunter2"', 'password = given or "<SECRET_1>"', id="or"),
        pytest.param('password = SecretStr("hunter2")', 'password = SecretStr("<SECRET_1>")', id="wrapped"),
        pytest.param('user, password = "me", "hunter2"', 'user, password = "me", "<SECRET_1>"', id="two targets"),
        pytest.param('if password == "hunter2":', 'if password == "<SECRET_1>":', id="compared"),
        pytest.param('getenv("API_KEY", "abcd")', 'getenv("API_KEY", "<SECRET_1>")', id="default of a lookup"),
        pytest.param('["--password", "hunter2"]', '["--password", "<SECRET_1>"]', id="arguments"),
        pytest.param('API_KEYS = ["aB3dE5fG7hI9"]', 'API_KEYS = ["<SECRET_1>"]', id="list"),
        pytest.param("# password: hunter2", "# password: <SECRET_1>", id="comment"),
        pytest.param("# pwd: hunter2 (staging)", "# pwd: <SECRET_1> (staging)", id="comment that goes on"),
        pytest.param("# the password is hunter2", "# the password is <SECRET_1>", id="sentence"),
        pytest.param("DB_PASSWORD=swordfish", "DB_PASSWORD=<SECRET_1>", id="environment file"),
        pytest.param("export PASSWORD=a,b;c)d # x", "export PASSWORD=<SECRET_1> # x", id="signs without quotes"),
        pytest.param("db:\n  password: p@ss:1", "db:\n  password: <SECRET_1>", id="YAML"),
        pytest.param("- name: DB_PWD\n  value: a1b2", "- name: DB_PWD\n  value: <SECRET_1>", id="YAML pair"),
        pytest.param("passphrase = hunter2", "passphrase = <SECRET_1>", id="ini"),
        pytest.param("tool --password hunter2 -v", "tool --password <SECRET_1> -v", id="flag"),
        pytest.param("tool --token=a1b2c3d4 -v", "tool --token=<SECRET_1> -v", id="flag with sign"),
        pytest.param("mysql://h/d?password=abcd&x=1", "mysql://h/d?password=<SECRET_1>&x=1", id="query"),
        pytest.param("Server=s;Pwd=abcd;Database=d", "Server=s;Pwd=<SECRET_1>;Database=d", id="connection"),
        pytest.param("X-Api-Key: 0a1b2c3d4e", "X-Api-Key: <SECRET_1>", id="header"),
        pytest.param("Authorization: Basic bWU6aHVudGVyMg==", "Authorization: Basic <SECRET_1>", id="basic"),
        pytest.param('"Authorization": "Bearer a1b2c3d4"', '"Authorization": "Bearer <SECRET_1>"', id="bearer"),
        pytest.param("<password>hunter2</password>", "<password><SECRET_1></password>", id="XML"),
        pytest.param('<x key="Pwd" value="a1b2"/>', '<x key="Pwd" value="<SECRET_1>"/>', id="XML attribute"),
        pytest.param('"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"<SECRET_1>\\"}"', id="JSON in JSON"),
        pytest.param("postgres://me:p%40ss@db/x", "postgres://me:<SECRET_1>@db/x", id="URL"),
        pytest.param("redis://:hunter2@db/0", "redis://:<SECRET_1>@db/0", id="URL without user"),
        pytest.param("ftp://me:p@ss@db/x", "ftp://me:<SECRET_1>@db/x", id="URL with at sign"),
        pytest.param('auth=("me", "hunter2")', 'auth=("me", "<SECRET_1>")', id="pair of user and password"),
        pytest.param('{"user": "me", "pass": "hunter2"}', '{"user": "me", "pass": "<SECRET_1>"}', id="pass"),
        pytest.param('pass1 = "hunter2"', 'pass1 = "<SECRET_1>"', id="pass with a number"),
        pytest.param('login(pass_="hunter2")', 'login(pass_="<SECRET_1>")', id="pass that is no keyword"),
        pytest.param('PASSWORD="p@ss word!"', 'PASSWORD="<SECRET_1>"', id="two words"),
        pytest.param('if "hunter2" == password:', 'if "<SECRET_1>" == password:', id="compared the other way"),
        pytest.param("b'hunter2' != self.pwd", "b'<SECRET_1>' != self.pwd", id="attribute that is compared"),
        pytest.param('user.set_password("hunter2")', 'user.set_password("<SECRET_1>")', id="given"),
        pytest.param('setPassword(\n  "hunter2",\n)', 'setPassword(\n  "<SECRET_1>",\n)', id="given in lines"),
        pytest.param('z.setpassword(b"hunter2")', 'z.setpassword(b"<SECRET_1>")', id="bytes given"),
        pytest.param('k.set_password("s1", u, "h2x")', 'k.set_password("s1", u, "<SECRET_1>")', id="given last"),
        pytest.param('check_password("h2x", "pb1$x")', 'check_password("<SECRET_1>", "pb1$x")', id="checked"),
        pytest.param("ALTER USER me PASSWORD 'h2x'", "ALTER USER me PASSWORD '<SECRET_1>'", id="SQL"),
        pytest.param("USER me IDENTIFIED BY 'pwned'", "USER me IDENTIFIED BY '<SECRET_1>'", id="MySQL"),
        pytest.param("\"user me identified by 'h2x'\"", "\"user me identified by '<SECRET_1>'\"", id="small MySQL"),
        pytest.param("FROM x\nENV DB_PASSWORD pwned\n", "FROM x\nENV DB_PASSWORD <SECRET_1>\n", id="Docker"),
        pytest.param('credentials = ("me", "hunter2")', 'credentials = ("me", "<SECRET_1>")', id="credentials"),
        pytest.param('authenticate("me", "hunter2")', 'authenticate("me", "<SECRET_1>")', id="authenticate"),
        pytest.param('smtp.login(USER, "hunter2")', 'smtp.login(USER, "<SECRET_1>")', id="login of a variable"),
        pytest.param('jwt.encode({"a": 1}, "hunter2")', 'jwt.encode({"a": 1}, "<SECRET_1>")', id="JWT made"),
        pytest.param('jwt.decode(t, key="hunter2")', 'jwt.decode(t, key="<SECRET_1>")', id="JWT read"),
        pytest.param('hmac.new(b"hunter2", m)', 'hmac.new(b"<SECRET_1>", m)', id="HMAC"),
        pytest.param(f'Fernet(b"{FERNET}")', 'Fernet(b"<SECRET_1>")', id="Fernet"),
        pytest.param(f'{{"sessionid": "{HEX}"}}', '{"sessionid": "<SECRET_1>"}', id="session"),
        pytest.param(f'"Cookie": "a=b; PHPSESSID={HEX}"', '"Cookie": "a=b; PHPSESSID=<SECRET_1>"', id="cookie"),
        pytest.param('passwort = "hunter2"', 'passwort = "<SECRET_1>"', id="German"),
        pytest.param('senha="hunter2"', 'senha="<SECRET_1>"', id="Portuguese"),
        pytest.param('mot_de_passe = "hunter2"', 'mot_de_passe = "<SECRET_1>"', id="French"),
        pytest.param("sshpass -p hunter2 ssh h", "sshpass -p <SECRET_1> ssh h", id="sshpass"),
        pytest.param(f'mnemonic = "{WORDS}"', 'mnemonic = "<SECRET_1>"', id="words of a wallet"),
        pytest.param("curl -u me:hunter2 http://x", "curl -u me:<SECRET_1> http://x", id="curl"),
        pytest.param("//r.io/:_authToken=1f-2a-3b-4c", "//r.io/:_authToken=<SECRET_1>", id="npm"),
        pytest.param(f"call({AWS!r})", "call('<SECRET_1>')", id="by its shape alone"),
        pytest.param(f'"a\\n{GITHUB}"', '"a\\n<SECRET_1>"', id="behind an escape"),
        pytest.param(f'"{GITHUB[:25]}" \\\n  "{GITHUB[25:]}"', '"<SECRET_1>"', id="shape in two literals"),
        pytest.param(f"{BEGIN}\n{BODY}\nab==\n{END}", f"{BEGIN}<SECRET_1>{END}", id="private key"),
        pytest.param(f'k = "{BEGIN}\\n{BODY}\\n{END}"', f'k = "{BEGIN}<SECRET_1>{END}"', id="private key in a literal"),
        pytest.param(f"{BEGIN}\n{BODY}\nabc", f"{BEGIN}<SECRET_1>", id="private key cut off"),
    ],
)
def test_hidden(text: str, left: str) -> None:
    assert hidden(text) == left


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("password = get_password()\ntoken = self.token", id="calls and attributes"),
        pytest.param("connect(password=password, token=token2)", id="names"),
        pytest.param('password = os.environ["DB_PASSWORD"]', id="lookup"),
        pytest.param('password = request.POST.get("password", "")', id="lookup with empty default"),
        pytest.param("def f(password: str, token: Token2 | None = None) -> None: ...", id="annotations"),
        pytest.param('password = ""\nuse_token = "yes"\nsecret = None\npwd = "..."', id="nothing in it"),
        pytest.param('api_key = "<your-key>"\ntoken = "YOUR_TOKEN_HERE"\nk = "sk-xxxxxxxxxxxxxxxxxxxx"', id="samples"),
        pytest.param('password = "********"\npassword = "xxxx"\npassword = "changeme"', id="blanks"),
        pytest.param('f"https://{user}:{password}@host"\n"https://%s:%s@h"\n"db://${USER}:${PASSWORD}@h"', id="fields"),
        pytest.param('print(f"password={password}")\n"token=%s" % x\n"token: {}".format(x)', id="messages"),
        pytest.param("password: the user's password\ntoken: str -- token to use", id="prose"),
        pytest.param(":param password: the password\npassword : str, optional", id="docstring"),
        pytest.param('TOKEN_URL = "https://x/y"\ntoken_type = "bearer"\npassword_field = "password"', id="other heads"),
        pytest.param('token = "NEWLINE"\ntokens = "+ - *"\ntoken.NAME\neos_token = "</s>"', id="tokens of a language"),
        pytest.param('token = r"[a-z0-9]+(?:x|y)"', id="regular expression"),
        pytest.param('secret = "/run/secrets/db"\ncredentials = "~/.aws/credentials.json"', id="paths"),
        pytest.param('password_hashers = ["a.b.C"]\nauth = "django.contrib.auth"', id="dotted names"),
        pytest.param('"password": "Password"\n"password": _("The two passwords differ.")', id="labels"),
        pytest.param("<label for='password'>Password:</label>", id="form"),
        pytest.param('add_argument("--token", "-t", help="the token")\n$ tool --token TOKEN', id="help"),
        pytest.param('"https://user:password@host/"\n"https://host:8080/a@b"', id="URLs of samples"),
        pytest.param('key = "name"\nprimary_key = True\nsort_key = "created_at1"', id="other keys"),
        pytest.param("password: ${{ secrets.PASSWORD }}\npassword: $PASSWORD\npassword = {{ vault }}", id="templates"),
        pytest.param('{"pass": "PASS", "fail": 0}\nfirst_pass = "v2beta"\npass  # v2beta', id="a pass of a test"),
        pytest.param('get_password("svc1", "me2")\nset_password(get("x1"))', id="function that gives one"),
        pytest.param('set_password("password")\nset_tokens("v2beta")', id="function that is given a word"),
        pytest.param('"password" == name\n"" == password\n"v2beta" == sort_key', id="other comparisons"),
        pytest.param("'the password \"field\" is empty'\nthe module identified by 'full'", id="quoted in prose"),
        pytest.param('password = "Wrong one!"\npassword = "Don\'t ask"', id="short messages"),
        pytest.param('auth = ("a", "b", "c1")\nlogin(request, user)\nlogin(app, "/a/b1")', id="other tuples"),
        pytest.param('session_id = "test-session-number-1"\nsessionid = models.CharField()', id="other sessions"),
        pytest.param('headers["Authorization"] = f"Bearer {token}"', id="header of a variable"),
        pytest.param(f'"{BEGIN}"\n"{END}"', id="marks of a key without one"),
        pytest.param('sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"', id="digest"),
    ],
)
def test_left_alone(text: str) -> None:
    assert hidden(text) == text


def test_a_password_without_a_name_that_nobody_knows_is_not_found() -> None:
    """A known limit."""
    assert hidden('connect("db", "hunter2")') == 'connect("db", "hunter2")'


def test_numbers_follow_the_texts_and_equal_values_share_one() -> None:
    redacted = redact(['pwd = "hunter2"\ntoken = "a1b2c3d4"', "# a1b2c3d4, then hunter2"])
    assert redacted.texts == ('pwd = "<SECRET_1>"\ntoken = "<SECRET_2>"', "# <SECRET_2>, then <SECRET_1>")
    assert redacted.values == {"<SECRET_1>": "hunter2", "<SECRET_2>": "a1b2c3d4"}
    assert redacted.kinds == {"password": 1, "token": 1}


def test_numbers_that_stand_in_a_text_are_skipped() -> None:
    texts = ["the answer named <SECRET_1> and <SECRET_", "3>", 'pwd = "hunter2"; token = "a1b2c3d4"']
    redacted = redact(texts)
    assert list(redacted.values) == ["<SECRET_2>", "<SECRET_4>"]
    assert redacted.restored("".join(redacted.texts)) == "".join(texts)


def test_a_short_value_is_found_elsewhere_as_a_whole_word() -> None:
    text = 'password = "a1b2"\n# a1b2 but not xa1b2'
    assert hidden(text) == 'password = "<SECRET_1>"\n# <SECRET_1> but not xa1b2'


def test_a_longer_value_is_found_within_words() -> None:
    assert hidden('password = "hunter2"\nxhunter2x') == 'password = "<SECRET_1>"\nx<SECRET_1>x'


def test_a_value_in_two_literals_is_found_elsewhere_in_one() -> None:
    text = 'password = ("hunt"\n  "er2-x")\n# hunter2-x'
    assert hidden(text) == 'password = ("<SECRET_1>")\n# <SECRET_2>'


def test_a_value_is_found_elsewhere_in_another_spelling() -> None:
    text = 'password = "it\\"s/2me"\n\'it"s/2me\' it%22s%2F2me aXQicy8ybWU='
    assert hidden(text) == "password = \"<SECRET_1>\"\n'<SECRET_2>' <SECRET_3> <SECRET_4>"


def test_a_password_that_everybody_has_is_hidden_in_its_place() -> None:
    assert hidden('password = "admin"\nfrom x import admin') == 'password = "<SECRET_1>"\nfrom x import admin'


def test_nothing_of_a_secret_is_left_where_two_overlap() -> None:
    assert hidden("x = 'abcdefghij'", "abcdefg", "efghij") == "x = '<SECRET_1>'"
    assert hidden('password = "one-abcdefg-2"', "abcdefg") == 'password = "<SECRET_1>"'


def test_secrets_are_not_shown_by_accident() -> None:
    assert "hunter2" not in repr(redact(['password = "hunter2"']))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_and_odd_signs_stay(ending: str) -> None:
    text = ending.join(["İ = '\ud83d'", "# 🎉", 'password = "hunter2"', "DB_PASSWORD=swordfish", ""])
    assert hidden(text).split(ending)[2:4] == ['password = "<SECRET_1>"', "DB_PASSWORD=<SECRET_2>"]


SIGNS = st.characters(codec="utf-8") | st.sampled_from("\"'\\%+/=&{}<>abcXYZ019 \n")
PIECES = (
    *("password = ", "token: ", '"hunter2"', "'a1B2c3D4'", "\\", "\n", "\r\n", '"""', "<SECRET_1>", "<SECRET_", "1>"),
    *(AWS, GITHUB, BEGIN, BODY, END, "postgres://me:hunter2@db", "\ud83d", "🎉", '" "', "%41", "\\u0041", "Bearer "),
)
TEXTS = st.lists(st.lists(st.sampled_from(PIECES) | st.text(SIGNS, max_size=8), max_size=12).map("".join), max_size=3)


@given(TEXTS, st.lists(st.text(SIGNS, min_size=1, max_size=12), max_size=3))
def test_restored_is_the_inverse(texts: list[str], known: list[str]) -> None:
    redacted = redact(texts, known)
    assert redacted.restored("".join(redacted.texts)) == "".join(texts)
    assert [redacted.restored(text) for text in redacted.texts] == texts
    assert redact(texts, known).texts == redacted.texts
    assert sum(redacted.kinds.values()) == len(redacted.values)


def spelled(value: str) -> list[str]:
    """A value as it is written in code, JSON, URLs and base64."""
    data = value.encode()
    some = [value, quote(value), quote(value, safe=""), repr(value)[1:-1], json.dumps(value)[1:-1]]
    some += [json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(json.dumps(value))[3:-3]]
    some += [base64.b64encode(each).decode() for each in (data, b"me:" + data, b"x" + data + b"\n", b"xy" + data)]
    some += [base64.urlsafe_b64encode(data).decode().rstrip("=")]
    return some


@given(st.text(SIGNS, min_size=6, max_size=20), st.lists(st.sampled_from(("x = '", "'\n", " ", "(", "\n")), max_size=4))
@example("p@ss/w0rd?&", ["x = '"])
@example("a\"b\\c'd", [" "])
def test_no_known_value_leaves_in_any_spelling(value: str, around: list[str]) -> None:
    assume(value.strip() == value and not any(each in "<SECRET_0123456789>" for each in spelled(value)))
    for each in spelled(value):
        text = "".join(around) + each + "".join(reversed(around))
        assert not any(one in hidden(text, value) for one in spelled(value)[:6]), text


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_known_value_over_two_lines(cut: int) -> None:
    value = "hunter2-known"
    for between in ("\\\n", "\\\r\n  ", '" \\\n    "', '" "', '"\n    "', '" + "', '"\n  + f"'):
        assert hidden(f'x = "{value[:cut]}{between}{value[cut:]}"', value) == 'x = "<SECRET_1>"'


@given(TEXTS, st.lists(st.integers(0, 200), max_size=8))
def test_an_answer_in_pieces_is_the_answer_as_a_whole(texts: list[str], cuts: list[int]) -> None:
    redacted = redact(["# <SECRET_12>", 'pwd = "hunter2"', *texts])
    answer = "".join(redacted.texts) + "<SECRET_1" + "<SECRET_99><SEC<SECRET_1>"
    restoring, shown, done = Restoring(redacted), list[str](), 0
    for cut in [*sorted(cut for cut in cuts if cut < len(answer)), len(answer)]:
        shown.append(restoring.feed(answer[done:cut]))
        done = cut
    assert "".join(shown) + restoring.end() == redacted.restored(answer)


def test_only_what_may_be_a_placeholder_is_kept_back() -> None:
    restoring = Restoring(redact(['pwd = "hunter2"']))
    pieces = ["a < b <", "SEC", "RET_", "1", "> <SECRET", "_2 <", "x"]
    assert [restoring.feed(piece) for piece in pieces] == ["a < b ", "", "", "", "hunter2 ", "<SECRET_2 ", "<x"]
    assert restoring.end() == ""


@pytest.mark.parametrize("seed", range(3))
def test_no_planted_secret_leaves(seed: int) -> None:
    check_planted(seed, 400)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 108))
def test_no_planted_secret_leaves_in_any_form(seed: int) -> None:
    check_planted(seed, 4000)


def check_planted(seed: int, count: int) -> None:
    for each in planted(seed, count):
        assert not each.leaked(hidden(each.text, *each.known)), each


UNITS = (
    *("a", "+", "{", "\\", "=", "://", "://a:", "eyJ", "ghp_", "token=", "token: ", "token is ", "password: a.b."),
    *('password="', "password='''", 'password=\\"', "password=a&", "password = [", "auth=('", '"" ', '" "', "\\u00"),
    *(BEGIN, BEGIN + "\\n", "%41", "Bearer ", "curl -u a:b ", "login(", "<token>", "sk-", "1.1.", "Private-Lines: 1\n"),
    *(
        "password(",
        'set_password("a",',
        '"x" == pwd',
        "PASSWORD '",
        "jwt.encode(a,",
        "hmac.new(",
        "sessionid=",
        "sshpass -p ",
    ),
    *("mnemonic = abc ", "IDENTIFIED BY ", "ENV PASSWORD x ", "login(a,"),
)


@pytest.mark.parametrize("unit", UNITS)
def test_what_repeats_without_end_ends(unit: str) -> None:
    text = (unit * 40_000)[:40_000]
    assert "hunter2" not in hidden(text + '\npassword = "hunter2"\n')


def test_a_minified_line() -> None:
    text = "var a=f(b),token=c.token;" * 20_000 + 'd={password:"hunter2"};' + "e(f);" * 50_000
    assert hidden(text) == text.replace("hunter2", "<SECRET_1>")


def test_as_many_secrets_as_lines() -> None:
    text = "\n".join(f"password = 'x{number}Qz{number * 7919 % 9973}'" for number in range(3000))
    assert "Qz" not in hidden(text)


VARIABLES = {
    "GIT_AUTHOR_NAME": "Jane Smith",
    "XDG_SESSION_TYPE": "wayland",
    "MYAPP_KEY": "0a1b2c3d4e",
    "SSH_PUBLIC_KEY": "AAAAB3NzaC1yc2E",
    "PASSPHRASE": "correct horse battery",
    "API_TOKEN": "abcd-token-1",
    "DB_PASSWORD": "swordfish",
    "DATABASE_URL": "postgres://me:p%40ssword@db/x",
    "HOME": "/home/me-and-you",
    "SSH_AUTH_SOCK": "/tmp/ssh-x/agent.12",
    "MAX_TOKENS": "409600",
    "SECRET_FLAG": "true",
    "SECRET_SHORT": "ab12",
    "USER_KEY": "localhost",
    "EDITOR": "nano-editor-7",
}


def test_known_values_of_variables() -> None:
    assert known_values(VARIABLES, None) == {
        *("abcd-token-1", "swordfish", "p%40ssword", "p@ssword", "0a1b2c3d4e", "correct horse battery")
    }


def test_known_values_of_files(tmp_path: Path) -> None:
    files = {
        ".env": "# PASSWORD=zero-value\nexport PASSWORD='one-value' # x\nSECRET_KEY=\"two\\nvalue\"\nNAME=x-value\n",
        ".env.local": "TOKEN = four-value  # five-value\r\nAPI_KEY=\nX_TOKEN=six#value\n",
        "conf/prod.env": "DB_PASSWORD: seven-value",
        "a/b/.envrc": "export PRIVATE_KEY=`eight-value`",
        "a/b/c/.env": "PASSWORD=nine-value",
        ".env.example": "PASSWORD=ten-value",
        "sample.env": "PASSWORD=ten-value",
        "node_modules/x/.env": "PASSWORD=ten-value",
        "notes.txt": "PASSWORD=ten-value",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / ".env.d").mkdir()
    (tmp_path / "gone.env").symlink_to(tmp_path / "nowhere")
    (tmp_path / "odd.env").write_bytes(b"PASSWORD=\xff\xfe-value\n")
    wanted = {"one-value", "two\nvalue", "two\\nvalue", "four-value", "six#value", "seven-value", "eight-value"}
    assert known_values({}, tmp_path) == {*wanted, "\ufffd\ufffd-value"}


def test_known_values_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert known_values({}, tmp_path / "nowhere") == frozenset()
