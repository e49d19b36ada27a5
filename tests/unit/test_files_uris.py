"""File URIs and paths, for both systems on any system."""

import pytest

from coding_agent.workspace.uris import Scheme, key_of, path_of, place_of, uri_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/a.py", "/home/me/a.py"),
        ("file:///home/me/a%20b%23c.py", "/home/me/a b#c.py"),
        ("file:///home/me/%C3%BC.py", "/home/me/ü.py"),
        ("file:///home/me/%FF.py", "/home/me/\udcff.py"),
        ("file:///home/me/ü.py", "/home/me/ü.py"),
        ("file://localhost/home/a.py", "/home/a.py"),
        ("FILE:///home/a.py", "/home/a.py"),
        ("file:/home/a.py", "/home/a.py"),
        ("file:///c%3A/a.py", "/c:/a.py"),
        ("untitled:Untitled-1", None),
        ("git:/home/me/a.py?%7B%7D", None),
        ("", None),
        ("no uri", None),
    ],
)
def test_posix_paths(uri: str, path: str | None) -> None:
    assert path_of(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/x/a.py", "C:\\x\\a.py"),
        ("file:///C:/x/a.py", "C:\\x\\a.py"),
        ("file:///c:/x/a.py", "C:\\x\\a.py"),
        ("file:///C|/x/a.py", "C:\\x\\a.py"),
        ("file:///c:", "C:\\"),
        ("file://Server/share/a%20b.py", "\\\\server\\share\\a b.py"),
        ("file://localhost/c:/a.py", "C:\\a.py"),
    ],
)
def test_windows_paths(uri: str, path: str) -> None:
    assert path_of(uri, windows=True) == path


@pytest.mark.parametrize(
    ("path", "windows", "uri"),
    [
        ("/home/me/a b#ü.py", False, "file:///home/me/a%20b%23%C3%BC.py"),
        ("/home/me/50%?.py", False, "file:///home/me/50%25%3F.py"),
        ("/x/\udcff.py", False, "file:///x/%FF.py"),
        ("/x/a:b@c.py", False, "file:///x/a:b@c.py"),
        ("C:\\x\\a.py", True, "file:///c%3A/x/a.py"),
        ("\\\\?\\C:\\x\\a.py", True, "file:///c%3A/x/a.py"),
        ("\\\\Server\\share\\a.py", True, "file://server/share/a.py"),
        ("\\\\?\\UNC\\server\\share\\a.py", True, "file://server/share/a.py"),
    ],
)
def test_uri_of(path: str, windows: bool, uri: str) -> None:
    assert uri_of(path, windows=windows) == uri


@pytest.mark.parametrize("path", ["/a b/ü#?%.py", "/x/\udcff\udc80.py", "/a/;b=c&d,e+f.py", "/x/\ud800.py"])
def test_a_posix_path_comes_back(path: str) -> None:
    back = path_of(uri_of(path, windows=False), windows=False)
    assert back is not None
    assert back.encode("utf-8", "surrogatepass" if "\ud800" in path else "surrogateescape")[:3] == path[:3].encode(
        "utf-8", "surrogatepass"
    )
    if "\ud800" not in path:
        assert back == path


@pytest.mark.parametrize("path", ["C:\\a b\\ü#.py", "\\\\server\\share\\x.py", "Z:\\"])
def test_a_windows_path_comes_back(path: str) -> None:
    assert path_of(uri_of(path, windows=True), windows=True) == path


@pytest.mark.parametrize(
    ("uri", "scheme", "path"),
    [
        ("untitled:Untitled-1", Scheme.UNTITLED, None),
        ("untitled:/home/me/new.py", Scheme.UNTITLED, "/home/me/new.py"),
        ("git:/home/me/a.py?%7B%22ref%22%3A%22~%22%7D", Scheme.GIT, "/home/me/a.py"),
        ("vscode-notebook-cell:/home/me/n.ipynb#W0sZmlsZQ%3D%3D", Scheme.NOTEBOOK_CELL, "/home/me/n.ipynb"),
        ("https://example.org/a.py", Scheme.OTHER, None),
        ("/plain/path.py", Scheme.OTHER, None),
        ("C:\\x.py", Scheme.OTHER, None),
    ],
)
def test_other_schemes(uri: str, scheme: Scheme, path: str | None) -> None:
    place = place_of(uri, windows=False)
    assert (place.scheme, place.path) == (scheme, path)


def test_windows_keys_ignore_case_and_slashes() -> None:
    assert key_of("C:/Users/Me/A.py", windows=True) == key_of("c:\\users\\me\\a.py", windows=True)
    assert key_of("/Users/Me/A.py", windows=False) != key_of("/users/me/a.py", windows=False)
