"""What library calls do to the world, by dotted name. A table: what is not here is not claimed.

Names are those of Python's library reference, a test looks each of them up; the others are widely used clients.
"""

from enum import Enum


class Kind(Enum):
    """One way in which a function is more than its result; the value is how hover says it."""

    READS_FILES = "reads files"
    LOOKS_AT_FILES = "looks at the file system"
    WRITES_FILES = "writes files"
    OPENS_FILES = "opens files (the mode is not known here)"
    FILE_SYSTEM = "changes the file system"
    DATABASE = "uses a database"
    NETWORK = "uses the network"
    PROCESSES = "starts or ends processes"
    THREADS = "starts threads or tasks"
    CODE = "runs code that it gets as data"
    IMPORTS = "imports modules by name"
    PRINTS = "prints"
    LOGS = "logs"
    TERMINAL = "asks at the terminal"
    READS_ENVIRONMENT = "reads the environment"
    ENVIRONMENT = "changes the environment"
    CLOCK = "reads the clock"
    RANDOM = "uses randomness"
    WAITS = "waits"
    READS_ARGUMENT = "reads from its argument"
    WRITES_ARGUMENT = "writes to its argument"
    ARGUMENT = "changes its argument"
    SELF = "changes its object"
    OUTER = "changes the enclosing function's variable"
    GLOBAL = "changes module state"
    SIGNALS = "changes how the process reacts"
    EXITS = "may end the process"
    ENDLESS = "may never return"


_NAMES: dict[Kind, dict[str, str]] = {
    Kind.READS_FILES: {
        "os": "read pread",
        "linecache": "getline getlines checkcache updatecache",
        "filecmp": "cmp cmpfiles dircmp",
        "tokenize": "open",
        "fileinput": "input FileInput",
        "importlib.resources": "read_text read_binary files open_text open_binary",
        "pathlib.Path": "read_text read_bytes",
        "pandas": "read_csv read_excel read_json read_parquet read_pickle",
        "numpy": "load loadtxt genfromtxt fromfile",
    },
    Kind.LOOKS_AT_FILES: {
        "os": "listdir scandir walk fwalk stat lstat readlink access getxattr statvfs",
        "os.path": "exists lexists isfile isdir islink ismount getsize getmtime getatime getctime samefile realpath",
        "glob": "glob iglob",
        "pathlib.Path": (
            "exists is_file is_dir is_symlink stat lstat iterdir glob rglob walk resolve readlink samefile owner "
            "group is_mount"
        ),
        "shutil": "disk_usage which",
    },
    Kind.WRITES_FILES: {
        "numpy": "save savez savez_compressed savetxt",
        "os": "write pwrite truncate ftruncate copy_file_range sendfile",
        "pathlib.Path": "write_text write_bytes",
        "shutil": "copy copy2 copyfile copytree make_archive unpack_archive",
        "tempfile": "NamedTemporaryFile TemporaryFile SpooledTemporaryFile mkstemp",
    },
    Kind.FILE_SYSTEM: {
        "tempfile": "TemporaryDirectory mkdtemp",
        "os": (
            "mkdir makedirs remove unlink rmdir removedirs rename renames replace link symlink chmod chown lchown "
            "fchmod fchown utime mkfifo mknod setxattr removexattr lchmod"
        ),
        "shutil": "rmtree move copymode copystat chown",
        "pathlib.Path": (
            "mkdir rmdir unlink rename replace touch chmod lchmod symlink_to hardlink_to copy copy_into move move_into"
        ),
    },
    Kind.DATABASE: {
        "sqlite3": "connect",
        "dbm": "open",
        "shelve": "open",
        "sqlalchemy": "create_engine",
    },
    Kind.NETWORK: {
        "socket": (
            "socket create_connection create_server getaddrinfo gethostbyname gethostbyaddr getfqdn "
            "gethostbyname_ex getnameinfo socketpair"
        ),
        "urllib.request": "urlopen urlretrieve",
        "http.client": "HTTPConnection HTTPSConnection",
        "http.server": "HTTPServer ThreadingHTTPServer",
        "ftplib": "FTP FTP_TLS",
        "smtplib": "SMTP SMTP_SSL LMTP",
        "poplib": "POP3 POP3_SSL",
        "imaplib": "IMAP4 IMAP4_SSL",
        "asyncio": "open_connection start_server open_unix_connection start_unix_server",
        "ssl": "get_server_certificate",
        "webbrowser": "open open_new open_new_tab",
        "requests": "get post put patch delete head options request Session",
        "httpx": "get post put patch delete head options request stream Client AsyncClient",
        "aiohttp": "ClientSession request",
        "urllib3": "PoolManager request",
    },
    Kind.PROCESSES: {
        "subprocess": "run call check_call check_output Popen getoutput getstatusoutput",
        "os": (
            "system popen fork forkpty spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe "
            "posix_spawn posix_spawnp startfile kill killpg"
        ),
        "asyncio": "create_subprocess_exec create_subprocess_shell",
        "multiprocessing": "Process Pool Manager",
        "concurrent.futures": "ProcessPoolExecutor",
        "pty": "spawn fork",
    },
    Kind.THREADS: {
        "threading": "Thread Timer",
        "_thread": "start_new_thread",
        "concurrent.futures": "ThreadPoolExecutor",
        "asyncio": "create_task ensure_future to_thread TaskGroup run_coroutine_threadsafe",
    },
    Kind.CODE: {
        "builtins": "eval exec",
        "pickle": "load loads Unpickler",
        "runpy": "run_path run_module",
        "code": "interact",
        "yaml": "unsafe_load full_load",
    },
    Kind.IMPORTS: {
        "builtins": "__import__",
        "importlib": "import_module reload",
    },
    Kind.PRINTS: {
        "builtins": "print",
        "pprint": "pprint pp",
        "sys.stdout": "write writelines",
        "sys.stderr": "write writelines",
        "sys.stdout.buffer": "write",
        "traceback": "print_exc print_exception print_stack print_tb print_last",
        "click": "echo secho",
    },
    Kind.LOGS: {
        "logging": "debug info warning warn error exception critical log",
        "warnings": "warn warn_explicit",
        "syslog": "syslog",
    },
    Kind.TERMINAL: {
        "builtins": "input breakpoint",
        "getpass": "getpass",
        "sys.stdin": "read readline readlines",
        "pdb": "set_trace",
    },
    Kind.READS_ENVIRONMENT: {
        "os": "getenv getenvb getcwd getcwdb getlogin uname getpid getppid getuid",
        "os.environ": "get keys items values copy",
        "os.path": "expanduser expandvars",
        "pathlib.Path": "cwd home expanduser",
        "getpass": "getuser",
        "platform": "platform system node machine release version uname python_version",
        "socket": "gethostname",
        "locale": "getlocale getpreferredencoding getencoding",
        "tempfile": "gettempdir gettempdirb",
    },
    Kind.ENVIRONMENT: {
        "os": "putenv unsetenv chdir fchdir umask nice setuid setgid setsid chroot",
        "os.environ": "update pop setdefault clear popitem",
        "locale": "setlocale",
        "contextlib": "chdir",
    },
    Kind.CLOCK: {
        "time": (
            "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time ctime localtime gmtime "
            "strftime thread_time"
        ),
        "datetime.datetime": "now utcnow today",
        "datetime.date": "today",
        "uuid": "uuid1 uuid6 uuid7",
    },
    Kind.RANDOM: {
        "random": (
            "random randint randrange choice choices sample shuffle uniform gauss betavariate expovariate "
            "triangular normalvariate getrandbits randbytes seed vonmisesvariate lognormvariate paretovariate "
            "weibullvariate gammavariate binomialvariate Random"
        ),
        "secrets": "token_bytes token_hex token_urlsafe choice randbelow randbits",
        "os": "urandom getrandom",
        "uuid": "uuid4",
        "numpy.random": "rand randn randint random choice shuffle permutation default_rng seed normal",
    },
    Kind.WAITS: {
        "os": "wait waitpid",
        "time": "sleep",
        "asyncio": "sleep wait wait_for gather",
        "select": "select poll",
        "signal": "pause sigwait",
    },
    Kind.GLOBAL: {
        "sys": "setrecursionlimit settrace setprofile setswitchinterval addaudithook",
        "logging": "basicConfig disable captureWarnings",
        "warnings": "filterwarnings simplefilter resetwarnings",
        "gc": "disable enable freeze set_threshold",
        "socket": "setdefaulttimeout",
    },
    Kind.SIGNALS: {
        "signal": "signal alarm setitimer set_wakeup_fd",
        "atexit": "register unregister",
    },
    Kind.EXITS: {
        "sys": "exit",
        "builtins": "exit quit",
        "os": "_exit abort execl execle execlp execlpe execv execve execvp execvpe",
    },
}
CALLS = {
    f"{module}.{name}": kind
    for kind, modules in _NAMES.items()
    for module, names in modules.items()
    for name in names.split()
}

# Functions that open a file: the place of the mode, and the mode when none is given.
OPENERS: dict[str, tuple[int, str]] = {
    "builtins.open": (1, "r"),
    "io.open": (1, "r"),
    "codecs.open": (1, "r"),
    "gzip.open": (1, "rb"),
    "bz2.open": (1, "rb"),
    "lzma.open": (1, "rb"),
    "gzip.GzipFile": (1, "rb"),
    "tarfile.open": (1, "r"),
    "zipfile.ZipFile": (1, "r"),
    "wave.open": (1, "rb"),
    "os.fdopen": (1, "r"),
    "pathlib.Path.open": (0, "r"),
    "os.open": (99, "?"),
}

# Library functions that change what they are given: the places of those arguments.
CHANGES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(
        (
            "random.shuffle",
            "heapq.heappush",
            "heapq.heappop",
            "heapq.heapify",
            "heapq.heapreplace",
            "heapq.heappushpop",
            "bisect.insort",
            "bisect.insort_left",
            "bisect.insort_right",
            "builtins.setattr",
            "builtins.delattr",
            "object.__setattr__",
            "builtins.object.__setattr__",
            "operator.setitem",
            "operator.delitem",
            "numpy.random.shuffle",
        ),
        (0,),
    ),
    "functools.update_wrapper": (0,),
}

# Library functions that read from or write to a stream they are given: its place.
READS_STREAM: dict[str, int] = {
    "json.load": 0,
    "pickle.load": 0,
    "marshal.load": 0,
    "tomllib.load": 0,
    "plistlib.load": 0,
    "csv.reader": 0,
    "csv.DictReader": 0,
    "shutil.copyfileobj": 0,
    "yaml.safe_load": 0,
    "yaml.load": 0,
    "tokenize.generate_tokens": 0,
}
WRITES_STREAM: dict[str, int] = {
    "json.dump": 1,
    "pickle.dump": 1,
    "marshal.dump": 1,
    "plistlib.dump": 1,
    "csv.writer": 0,
    "csv.DictWriter": 0,
    "shutil.copyfileobj": 1,
    "yaml.dump": 1,
    "yaml.safe_dump": 1,
}

# Methods of containers and the like that change their object.
MUTATORS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "appendleft", "extendleft"),
        *("popleft", "rotate", "add", "discard", "intersection_update", "difference_update", "update", "setdefault"),
        *("symmetric_difference_update", "popitem", "move_to_end", "subtract", "__setitem__", "__delitem__"),
    }
)
READERS = frozenset(["read", "readline", "readlines", "readinto", "read1", "readinto1"])
WRITERS = frozenset(["write", "writelines", "truncate"])
LOG_METHODS = frozenset(["debug", "info", "warning", "warn", "error", "exception", "critical", "log"])
LOGGERS = frozenset(("log", "logger", "logging"))
# These names belong to paths and nothing else of note, whatever the object is.
PATH_METHODS = {
    "read_text": Kind.READS_FILES,
    "read_bytes": Kind.READS_FILES,
    "write_text": Kind.WRITES_FILES,
    "write_bytes": Kind.WRITES_FILES,
}
PATH_TYPES = frozenset(("pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"))
