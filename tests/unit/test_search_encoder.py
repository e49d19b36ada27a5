"""The static encoder: what its vectors hold to, on weights made here and on those that ship."""

import pytest

np = pytest.importorskip("numpy")

from coding_agent.search.encoder import GROUPS, StaticEncoder, shipped, vocabulary_bytes  # noqa: E402
from coding_agent.search.words import FIELDS, Row  # noqa: E402

PARTS = ["read", "file", "send", "mail", "+readfile", "serial"]


def made(change: float = 0.0) -> StaticEncoder:
    vectors = np.eye(6, 8, dtype=np.int8) * 100
    vectors[0, 7] = int(change)
    return StaticEncoder(
        {
            "vectors": vectors,
            "scale": np.full(6, 0.01, np.float16),
            "asked": np.ones(6, np.float16),
            "told": np.ones((6, FIELDS), np.float16),
            "groups": np.array([1, 0.5, 1, 0.5], np.float32),
            "vocabulary": vocabulary_bytes(PARTS),
        }
    )


def rows(encoder: StaticEncoder, *codes: str) -> list[Row]:
    return [encoder.words.row("", "", code) for code in codes]


def test_chunks_are_unit_rows() -> None:
    encoder = made()
    matrix = encoder.chunks(rows(encoder, "read(file)", "send(mail, mail)", "unknown", ""))
    assert matrix.shape == (4, encoder.dim)
    assert matrix.dtype == np.float32
    assert np.linalg.norm(matrix, axis=1) == pytest.approx([1, 1, 0, 0], abs=1e-5)
    assert matrix[0][:2] == pytest.approx([0.5**0.5, 0.5**0.5], abs=1e-5)
    assert matrix[1][2] < matrix[1][3]


def test_a_question_finds_its_chunk() -> None:
    encoder = made()
    matrix = encoder.chunks(rows(encoder, "read(file)", "send(mail)"))
    assert np.argmax(matrix @ encoder.query("sends mail: send it")) == 1
    assert np.linalg.norm(encoder.query("read the file")) == pytest.approx(1, abs=1e-5)
    assert not encoder.query("xyz").any()
    assert not encoder.query("").any()


def test_unknown_words_are_cut_into_known_pieces_and_joined_names_are_not() -> None:
    encoder = made()
    assert encoder.query("fileserial") == pytest.approx(encoder.query("file serial"))
    assert encoder.query("read_file")[4] > 0
    assert encoder.query("send_file")[4] == 0
    assert encoder.query("sendfile") == pytest.approx(encoder.query("send file"))


def test_a_long_body_does_not_drown_the_name() -> None:
    encoder = made()
    row = encoder.words.row("read", "", "send(mail)\n" * 50)
    assert encoder.chunks([row])[0] @ encoder.query("read") == pytest.approx(0.5**0.5, abs=1e-5)
    assert len(GROUPS) == FIELDS


def test_rows_do_not_depend_on_their_neighbours() -> None:
    encoder = made()
    codes = ["read(file)", "", "send(serialmail)", "x", "file.read_file()"]
    together = encoder.chunks(rows(encoder, *codes))
    alone = np.concatenate([encoder.chunks(rows(encoder, code)) for code in codes])
    assert together == pytest.approx(alone)
    assert made().chunks(rows(encoder, *codes[:0])).shape == (0, 8)


def test_the_id_changes_with_the_weights() -> None:
    assert made().id == made().id
    assert made().id != made(1).id


def test_shipped_weights_know_what_is_alike() -> None:
    encoder = shipped()
    codes = {
        "remove": "def f(path):\n    os.unlink(path)\n",
        "send": "def f(message):\n    smtp = SMTP(host)\n    smtp.sendmail(message)\n",
        "parse": "def f(text):\n    return json.loads(text)\n",
    }
    matrix = encoder.chunks([encoder.words.row("", "", code) for code in codes.values()])
    asked = ["delete a file from disk", "deliver an email", "decode a json document"]
    assert [int(np.argmax(matrix @ encoder.query(text))) for text in asked] == [0, 1, 2]
    assert encoder.dim == matrix.shape[1]
    assert np.linalg.norm(matrix, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
