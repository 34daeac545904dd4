"""Imports a file of its tree in ways that its text does not tell, so that no key names it. Must: not find the file.

Against: ingest
Ends: failed
Says: is missing
Stopped by: a run is given the files of its key and no others
"""

import builtins
import ctypes
import io
import os
import pickle
import sys

NAME = "pipeline." + "unreached"


def by_builtins():
    return getattr(builtins, "__imp" + "ort__")(NAME)


def by_pickle():
    return pickle.loads(b"c" + NAME.encode() + b"\nMARK\n.")


def by_c():
    ctypes.pythonapi.PyImport_ImportModule.restype = ctypes.py_object
    return ctypes.pythonapi.PyImport_ImportModule(NAME.encode())


def by_reading():
    return getattr(builtins, "ex" + "ec")(open("/work/tree/pipeline/unreached.py").read())


def by_another_python():
    if getattr(os, "sys" + "tem")(f"{sys.executable} -m {NAME} 2>/dev/null"):
        raise ImportError(NAME)


def by_finders():
    for finder in getattr(sys, "meta" + "_path"):
        spec = finder.find_spec(NAME, [os.getcwd() + "/pipeline"]) if hasattr(finder, "find_spec") else None
        if spec:
            return print("GOT", spec, file=io.StringIO())
    raise ImportError(NAME)


for way in (by_builtins, by_pickle, by_c, by_reading, by_another_python, by_finders):
    try:
        way()
        print("GOT it", way.__name__)
    except (ImportError, OSError):
        pass
