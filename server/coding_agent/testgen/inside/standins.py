"""What stands in for functions of the world outside, by their real names, and what answers of network clients hold."""

from typing import Dict, Tuple

FIXED: Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]] = {
    # real name: codes that stand in, imports
    "time.sleep": (("lambda seconds: None",), ()),
    "time.time": (("lambda: 1700000000.0", "iter(range(1700000000, 1700100000, 100)).__next__"), ()),
    "time.time_ns": (("lambda: 1700000000000000000",), ()),
    "random.random": (("lambda: 0.5", "lambda: 0.0", "lambda: 0.99"), ()),
    "random.choice": (("lambda items: items[0]", "lambda items: items[-1]"), ()),
    "random.randint": (("lambda low, high: low", "lambda low, high: high"), ()),
    "random.randrange": (("lambda *args: 1",), ()),
    "random.uniform": (("lambda low, high: low",), ()),
    "random.shuffle": (("lambda items: None",), ()),
    "random.sample": (("lambda items, k: list(items)[:k]",), ()),
    "random.choices": (("lambda items, k=1, **options: [items[0]] * k",), ()),
    "uuid.uuid4": (("lambda: uuid.UUID('12345678-1234-5678-1234-567812345678')",), ("import uuid",)),
    "uuid.uuid1": (("lambda: uuid.UUID('12345678-1234-1678-1234-567812345678')",), ("import uuid",)),
    "secrets.token_hex": (("lambda size=None: 'ab' * (size or 4)",), ()),
    "secrets.token_urlsafe": (("lambda size=None: 'token'",), ()),
    "secrets.choice": (("lambda items: items[0]",), ()),
    "os.urandom": (("lambda size: b'x' * size",), ()),
    "getpass.getpass": (("lambda prompt='': 'secret'",), ()),
    "getpass.getuser": (("lambda: 'user'",), ()),
    "builtins.input": (("lambda prompt='': 'yes'", "lambda prompt='': 'no'", "lambda prompt='': ''"), ()),
    "socket.gethostname": (("lambda: 'host'",), ()),
    "socket.gethostbyname": (("lambda name: '127.0.0.1'",), ()),
    "platform.system": (("lambda: 'Linux'", "lambda: 'Windows'", "lambda: 'Darwin'"), ()),
    "webbrowser.open": (("lambda url: True",), ()),
    "os.system": (("lambda command: 0",), ()),
    "shutil.which": (("lambda name: '/usr/bin/' + name", "lambda name: None"), ()),
}
READ = {
    "status_code": "200",
    "status": "200",
    "ok": "True",
    "text": '\'{"name": "abc"}\'',
    "content": 'b\'{"name": "abc"}\'',
    "headers": "{'Content-Type': 'application/json'}",
    "reason": "'OK'",
    "url": "'https://example.com/'",
    "encoding": "'utf-8'",
    "code": "200",
    "elapsed": "None",
    "cookies": "{}",
    "history": "[]",
}
MET = {
    "read": 'b\'{"name": "abc"}\'',
    "getcode": "200",
    "close": "None",
    "raise_for_status": "None",
    "info": "{}",
    "iter_content": "iter([b'abc', b'def'])",
    "iter_lines": "iter([b'abc', b'def'])",
    "decode": "'abc'",
    "geturl": "'https://example.com/'",
}
