"""Model files are looked at and never loaded."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from grading.kit import DoesNotHold, Produced, model_file

NAMES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")


def npz(*arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, *arrays)
    return buffer.getvalue()


def npz_of(header: bytes) -> bytes:
    """An archive with one array that begins with this header."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + (len(header) + 1).to_bytes(2, "little") + header + b"\nN.")
    return kept.getvalue()


def safetensors(header: bytes, rest: bytes = bytes(8)) -> bytes:
    return len(header).to_bytes(8, "little") + header + rest


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.json", b'{"weights": [1.5, -2]}'),
        ("model.txt", b"tree\nnum_leaves=3\n"),
        ("model.npz", npz(np.arange(3.0), np.array(["a", "b"]))),
        ("model.safetensors", safetensors(json.dumps({"w": {"dtype": "F64"}}).encode())),
    ],
)
def test_plain_data_is_accepted(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert model_file(Produced(tmp_path), NAMES) == name


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.pkl", pickle.dumps({"w": 1}), "model.pkl is a pickle by its name"),
        ("model.joblib", b"anything", "model.joblib is a pickle by its name"),
        ("model.json", pickle.dumps({"w": 1}), "holds a Python pickle, whatever its name says"),
        ("model.json", b'{"w": NaN}', "not strict JSON (NaN"),
        ("model.json", b"", "is empty"),
        ("model.txt", bytes(range(128, 256)) * 9, "not UTF-8 text"),
        ("model.npz", npz(np.array([{"a": 1}], dtype=object)), "holds Python objects"),
        ("model.npz", npz_of(b"{'descr': 'O', 'fortran_order': False, 'shape': (1,), }"), "holds Python objects"),
        (
            "model.npz",
            npz_of(b"{" + b" " * 300 + b"'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}"),
            "obj",
        ),
        ("model.npz", npz_of(b"{" * 9000), "no NumPy array"),
        ("model.txt", pickle.dumps({"w": [1, 2]}, protocol=0), "a Python pickle of the oldest kind"),
        ("model.npz", b"PK\x03\x04" + bytes(50), "no readable npz"),
        ("model.safetensors", b"\xff" * 40, "no safetensors header"),
        ("model.safetensors", safetensors(b"nothing"), "not strict JSON"),
        ("model.safetensors", b"abc", "no safetensors header"),
    ],
)
def test_everything_else_gets_a_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DoesNotHold) as no:
        model_file(Produced(tmp_path), NAMES)
    assert words in no.value.sentence


def test_none_and_two_are_not_one(tmp_path: Path) -> None:
    with pytest.raises(DoesNotHold, match="found none of them"):
        model_file(Produced(tmp_path), NAMES)
    (tmp_path / "model.json").write_text("{}")
    (tmp_path / "model.txt").write_text("x")
    with pytest.raises(DoesNotHold, match=r"found model\.json, model\.txt"):
        model_file(Produced(tmp_path), NAMES)


def test_one_that_was_too_large_to_take_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DoesNotHold, match=r"model\.json was written but not taken: it is larger than 5 MB"):
        model_file(Produced(tmp_path, refused={"model.json": "is larger than 5 MB"}), NAMES)
