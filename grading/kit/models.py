"""Looking at a model file without loading it: is it data, and of the format that its name says? Runs nothing in it.

Nothing here raises anything but DoesNotHold, whatever the bytes.
"""

import io
import pickletools
import zipfile
from collections.abc import Callable

import numpy as np

from grading.kit.checking import DoesNotHold
from grading.kit.opening import describe_bytes, read_regular
from grading.kit.printing import listed, printable
from grading.kit.produced import Produced
from grading.kit.strict_json import NotJson, parse_json

CODE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
MOST_MEMBERS = 1000
HEADER_BYTES = 10_000
PICKLE_REMEDY = (
    "Opening a pickle runs whatever program is inside it, so no service should: write the numbers (weights, means, "
    "categories) as JSON, safetensors or npz."
)


def model_file(produced: Produced, names: tuple[str, ...], most_mb: float = 5) -> str:
    """The name of the one model file, which is data: JSON, safetensors, npz without objects, or text.

    names: every name that a model may have; ones that end in .pkl, .joblib, .pt are only looked for, to say what is
    wrong with them. most_mb: megabytes (2**20 bytes). DoesNotHold when there is none, more than one, one that is too
    large, holds code, or is not what its name says.
    """
    there = [name for name in names if (produced.folder / name).exists() or name in produced.refused]
    code = [name for name in there if name.endswith(CODE_SUFFIXES)]
    if code:
        raise DoesNotHold(f"{listed(code)} is a pickle by its name. {PICKLE_REMEDY}", found=listed(there))
    allowed = [name for name in names if not name.endswith(CODE_SUFFIXES)]
    if len(there) != 1:
        found = f"found {listed(there)}" if there else "found none of them"
        raise DoesNotHold(f"One model file is promised, named {' or '.join(allowed)}; {found}.")
    name = there[0]
    data = read_regular(produced, name, most_mb)
    what = describe_bytes(data[:4096])
    if what == "a Python pickle":
        raise DoesNotHold(f"{name} holds a Python pickle, whatever its name says. {PICKLE_REMEDY}")
    why = _FORMATS[name.rsplit(".", 1)[-1]](data)
    if why:
        raise DoesNotHold(f"{name} is not what its name says: {why}.")
    return name


def _why_not_json(data: bytes) -> str:
    try:
        parse_json(data)
    except NotJson as why:
        return f"it is not strict JSON ({printable(why)})"
    return ""


def _why_not_text(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return f"it is {describe_bytes(data[:4096])} and not UTF-8 text"
    return "it is a Python pickle of the oldest kind, which is text" if _is_old_pickle(data) else ""


def _is_old_pickle(data: bytes) -> bool:
    """Protocols 0 and 1 have no mark at their beginning; so their steps are followed, and none is taken."""
    try:
        pickletools.dis(data, out=_Nowhere())
    except Exception:  # whatever it trips over, it is no pickle
        return False
    return True


class _Nowhere(io.StringIO):
    """Where nobody reads, nothing is kept."""

    def write(self, text: str) -> int:
        return len(text)


def _why_not_safetensors(data: bytes) -> str:
    """Eight bytes of length, then a JSON header of that length, then plain numbers."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        return f"it is {describe_bytes(data[:4096])} and has no safetensors header"
    return _why_not_json(data[8 : 8 + length])


def _why_not_npz(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                return f"it has {len(members)} members"
            faults = {member.filename: _why_not_array(archive, member) for member in members}
    except Exception as error:  # zipfile raises many kinds on damaged bytes
        return f"it is no readable npz archive ({printable(error, 80)})"
    return next((f"its member {printable(name, 40)} {why}" for name, why in faults.items() if why), "")


def _why_not_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    """The header is read as NumPy reads it: there are more spellings of "object" than one."""
    with archive.open(member) as file:
        try:
            version = np.lib.format.read_magic(file)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
            _, _, dtype = read(file, max_header_size=HEADER_BYTES)
        except Exception:  # it raises as many kinds as there are ways to be wrong
            return "is no NumPy array"
    return "holds Python objects, which is a pickle inside" if dtype.hasobject else ""


_FORMATS: dict[str, Callable[[bytes], str]] = {
    "json": _why_not_json,
    "txt": _why_not_text,
    "safetensors": _why_not_safetensors,
    "npz": _why_not_npz,
}
