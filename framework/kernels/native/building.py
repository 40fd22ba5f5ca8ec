"""The shared library of the native kernels: compiled once for each version of all that it is made of, and kept.

`$GRAPHWRIGHT_CACHE/native/<key>/kernels.so`, beside a checksum: what is loaded is what was compiled. It is compiled on
the machine rather than shipped, since it must fit the headers of the jaxlib that is installed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import jax
import jaxlib.version
from filelock import FileLock, Timeout

from framework.data.download import cache_folder
from framework.files import make_private_folder, write_atomically
from framework.processor import processor

ONEDNN = "onednn-devel-cpu-gomp"
COMPILING = "compiling the native kernels of this version, once for this machine; that takes a while"
_SOURCES = (
    "team.cc",
    "primitives.cc",
    "convolution.cc",
    "filter_gradient.cc",
    "pooling.cc",
    "normalization.cc",
    "recurrent.cc",
    "matrix.cc",
    "attention.cc",
)
_HEADERS = ("team.h", "primitives.h", "vectors.h", "convolution.h", "filter_gradient.h")
_FLAGS = ("-O3", "-std=c++17", "-march=native", "-fno-trapping-math", "-shared", "-fPIC", "-pthread", "-w")
_OLDEST = 2023  # year of the package of oneDNN 3.2
_SECONDS = 300.0  # that a compilation may take, and that another process is waited for
_FOLDER = Path(__file__).parent
_log = logging.getLogger("framework")


class MissingError(Exception):
    """Why there are no native kernels, in words for the user."""


@dataclass(frozen=True)
class Built:
    """A library that can be loaded. key: a name that is equal for what is equal. onednn: the library it calls."""

    path: Path
    key: str
    onednn: Path


@dataclass(frozen=True)
class _OneDNN:
    include: Path
    library: Path
    version: str


def build() -> Built:
    """The library, compiled if it is not there or is not what was compiled. Raises MissingError."""
    onednn, compiler = _find_onednn(), _find_compiler()
    key = _key(onednn, compiler)
    folder = cache_folder() / "native" / key
    built = Built(folder / "kernels.so", key, onednn.library)
    try:
        make_private_folder(folder)
        with FileLock(folder / "lock", timeout=_SECONDS):
            if not _is_whole(built.path):
                _log.warning(COMPILING)
                _compile(built.path, onednn, compiler)
    except Timeout:
        raise MissingError(f"another process has been compiling them for {_SECONDS:.0f} s ('{folder}')") from None
    except OSError as error:
        found = f"'{error.filename or folder}' cannot be used ({error.strerror or error})"
        raise MissingError(f"{found}; set GRAPHWRIGHT_CACHE to another folder") from None
    return built


def _find_onednn() -> _OneDNN:
    """The headers and the library that the package has brought."""
    install = "pip install 'graphwright[cpu]'"
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise MissingError(f"they are for Linux on x86-64, and this is {platform.system()} on {platform.machine()}")
    try:
        headers, library = metadata.distribution(ONEDNN), metadata.distribution(ONEDNN.replace("-devel", ""))
    except metadata.PackageNotFoundError:
        raise MissingError(f"oneDNN is not installed; {install}") from None
    version = headers.version
    if int(version.partition(".")[0]) < _OLDEST:
        raise MissingError(f"oneDNN {version} is too old; {install} --upgrade")
    include = _file_of(headers, "oneapi/dnnl/dnnl.hpp").parents[2]
    found = _OneDNN(include, _file_of(library, "/libdnnl.so.3"), version)
    for path in (include / "oneapi/dnnl/dnnl.hpp", found.library):
        if not path.is_file():
            raise MissingError(f"oneDNN lacks '{path}'; {install} --force-reinstall")
    return found


def _file_of(package: metadata.Distribution, ending: str) -> Path:
    for file in package.files or ():
        if str(file).endswith(ending):
            return Path(str(package.locate_file(file))).resolve()
    raise MissingError(f"{package.name} {package.version} has no {ending}")


def _find_compiler() -> str:
    """$CXX, or the first C++ compiler of the search path."""
    for name in (os.environ.get("CXX"), "g++", "c++", "clang++"):
        found = name and shutil.which(name)
        if found:
            return found
    raise MissingError("there is no C++ compiler (g++, c++ or clang++); install one, such as the package g++")


def _key(onednn: _OneDNN, compiler: str) -> str:
    """A name for all that decides what the library is, the processor that it is compiled for included."""
    parts: list[object] = [(_FOLDER / name).read_text() for name in (*_SOURCES, *_HEADERS)]
    found = Path(compiler).resolve().stat()
    parts += [jaxlib.version.__version__, onednn.version, str(onednn.library), _FLAGS, processor()]
    parts += [compiler, found.st_size, found.st_mtime_ns]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _is_whole(path: Path) -> bool:
    """Whether a library is there, and is the one that was compiled. A damaged one would end the process."""
    try:
        return _checksum(path) == path.with_suffix(".sha256").read_text().strip()
    except OSError:
        return False


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _compile(path: Path, onednn: _OneDNN, compiler: str) -> None:
    """Compiles into a folder aside, and puts the result into its place as one. Raises MissingError and OSError."""
    with tempfile.TemporaryDirectory(dir=path.parent) as aside:
        target = Path(aside) / path.name
        command = [
            compiler, *_FLAGS, f"-I{jax.ffi.include_dir()}", f"-I{onednn.include}",
            *(str(_FOLDER / name) for name in _SOURCES),
            str(onednn.library), f"-Wl,-rpath,{onednn.library.parent}", "-o", str(target),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise MissingError(f"'{compiler}' had not compiled them after {_SECONDS:.0f} s") from None
        except OSError as error:
            raise MissingError(f"'{compiler}' cannot be run ({error.strerror or error})") from None
        if done.returncode or not target.is_file():
            lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
            said = lines[0].strip() if lines else f"exit status {done.returncode}"
            raise MissingError(f"'{compiler}' did not compile them: {said[:200]}")
        content = target.read_bytes()
    write_atomically(path, content)
    write_atomically(path.with_suffix(".sha256"), hashlib.sha256(content).hexdigest() + "\n")
