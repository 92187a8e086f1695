"""Where a process of the probe begins: it loads Keras once, then forks a worker for each request.

Three processes on Linux. The guard is started by keraslint and does nothing but end the others when keraslint ends. The
zygote has imported Keras and done nothing else (an operation would start threads, and a fork does not survive those).
A worker is a fork of the zygote: it is contained, then runs the program of one request. Elsewhere a fresh process is
the worker, and it runs one request only.

A request comes as a line of JSON on standard input, answers leave on what was standard output; both are moved away
before a program runs, and the standard streams lead nowhere. Each answer carries the token of its request.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import site
import sys
import sysconfig
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO

from . import contain

Json = dict

PACKAGES = ("keras", "tf_keras", "tensorflow", "jax", "torch", "numpy")
BACKENDS = ("tensorflow", "jax", "torch")


def main(arguments: list[str]) -> None:
    """Serve requests until keraslint closes the pipe. `arguments` are `fork CONTROL`, `fresh` or `look USER_BASE`."""
    if arguments[0] == "look":
        _add_user_site(arguments[1])
        os.write(1, b"keraslint-python " + json.dumps({"version": _version(), "packages": _installed()}).encode())
        return
    warnings.filterwarnings("ignore")
    gc.disable()  # what importing Keras makes is there to stay, and looking through it takes a sixth of the time
    asks, answers = _streams()
    config = json.loads(asks.readline())
    if arguments[0] == "fork":
        _guard(asks, answers, int(arguments[1]), config)
    else:
        _fresh(asks, answers, config)


def _streams() -> tuple[BinaryIO, int]:
    """The pipes of requests and of answers, moved to where a program does not write by accident."""
    asks, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return os.fdopen(asks, "rb"), answers


# --- Linux: a guard, a zygote, workers -------------------------------------------------------------------------------


def _guard(asks: BinaryIO, answers: int, control: int, config: Json[str, Any]) -> None:
    """Start the zygote, and end it with everything below it once keraslint is gone."""
    contain.adopt_orphans()
    layers = contain.isolate(config["without"])
    zygote = os.fork()
    if zygote == 0:
        try:
            contain.die_with_parent()
            _serve(asks, answers, control, config, layers)
        finally:
            os._exit(0)
    os.close(control)
    os.close(answers)
    gone = select.poll()
    gone.register(asks.fileno(), 0)  # asks for nothing: that the other end was closed is told in any case
    while os.waitpid(zygote, os.WNOHANG) == (0, 0):
        if gone.poll(50):
            _end(zygote)
            break
    if "pid" not in layers["namespaces"].split(", "):  # else they have ended with their first process
        contain.sweep()
    shutil.rmtree(config["folder"], ignore_errors=True)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(config["folder"]))  # holds nothing any more if this was the last one
    os._exit(0)


def _end(zygote: int) -> None:
    """Give the zygote a moment to see for itself that there is nothing more to do."""
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        if os.waitpid(zygote, os.WNOHANG) != (0, 0):
            return
        time.sleep(0.01)
    os.kill(zygote, signal.SIGKILL)
    os.waitpid(zygote, 0)


def _serve(asks: BinaryIO, answers: int, control: int, config: Json[str, Any], layers: Json[str, str]) -> None:
    """Load Keras, then fork a worker for each request and tell how it ended."""
    contain.settle(layers)
    run, facts = _loaded(config)
    _tell(control, facts)
    if run is None:
        return
    gc.freeze()  # what is shared with the workers stays shared: the collector touches it no more
    gc.enable()
    for line in asks:
        worker = os.fork()
        if worker == 0:
            contain.die_with_parent()
            _tell(control, {"pid": contain.pid_outside()})
            os.close(control)
            asks.close()
            _work(json.loads(line), answers, config, run, layers)
        _, status = os.waitpid(worker, 0)
        contain.sweep()
        _tell(control, {"ended": os.waitstatus_to_exitcode(status)})


def _tell(control: int, event: Json[str, Any]) -> None:
    os.write(control, json.dumps(event).encode() + b"\n")


# --- elsewhere: a fresh process for each request ---------------------------------------------------------------------


def _fresh(asks: BinaryIO, answers: int, config: Json[str, Any]) -> None:
    """Read one request, load Keras, run the request."""
    ask = json.loads(asks.readline())
    layers = contain.isolate(config["without"], alone=True)  # before there are threads
    run, facts = _loaded(config)
    _sender(answers, ask["token"])({"event": "start", **facts})
    if run is None:
        os._exit(0)
    contain.end_with(asks)
    gc.enable()
    _work(ask, answers, config, run, layers)


# --- what is loaded --------------------------------------------------------------------------------------------------

Run = Callable[["Json[str, Any]", Callable[["Json[str, Any]"], None]], None]


def _loaded(config: Json[str, Any]) -> tuple[Run | None, Json[str, Any]]:
    """What runs a request, after importing Keras; with it what was found, or the reason why there is nothing to run."""
    try:
        _add_user_site(config["user_base"])
        wanted = _wanted(config)
        if wanted is None:
            return None, {"unable": "no Keras in " + sys.executable}
        for name in wanted:
            importlib.import_module(name)
        return _runner(config["runner"]), {"ready": {"python": _version(), "loaded": wanted}}
    except BaseException as error:
        return None, {"unable": f"{type(error).__name__}: {str(error)[:2000]}"}


def _add_user_site(folder: str | None) -> None:
    """Packages that were installed for one user count for a Python that is no environment of its own."""
    if folder is None or sys.prefix != sys.base_prefix:
        return
    scheme = os.name + "_user"
    if scheme in sysconfig.get_scheme_names():
        place = sysconfig.get_path("purelib", scheme, {"userbase": folder})
        if os.path.isdir(place):
            site.addsitedir(place)


def _wanted(config: Json[str, Any]) -> list[str] | None:
    """What to import before forking; `None` when there is no Keras."""
    if config["preload"] is not None:
        return list(config["preload"])
    found = _installed()
    if config["legacy"]:
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
        return ["numpy", "tensorflow", "tf_keras"] if "tf_keras" in found else None
    if "keras" not in found:
        return ["numpy", "tensorflow"] if "tensorflow" in found else None
    backend = config["backend"] or next((name for name in BACKENDS if name in found), None)
    if backend is not None:
        os.environ["KERAS_BACKEND"] = backend
    return ["numpy", *([backend] if backend in found else []), "keras"]


def _version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _installed() -> list[str]:
    """The packages that matter here and that can be imported."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is not None]


def _runner(path: str | None) -> Run:
    """The function that runs a request: the probe's own, or that of a file."""
    if path is None:
        from .run import run

        return run
    spec = importlib.util.spec_from_file_location("keraslint_runner", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Run = module.run
    return found


# --- a worker --------------------------------------------------------------------------------------------------------


def _work(ask: Json[str, Any], answers: int, config: Json[str, Any], run: Run, layers: Json[str, str]) -> None:
    """Run one request within bounds, and end this process whatever happens."""
    code = 1
    try:
        send = _sender(answers, ask.pop("token"))
        begun = time.monotonic()
        send({"event": "contained", "layers": contain.contain(ask, config["without"], layers, send)})
        run(ask["request"], send)
        send({"event": "done", "seconds": round(time.monotonic() - begun, 3)})
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        send({"event": "note", "text": f"{type(error).__name__}: {str(error)[:2000]}", "site": None})
    finally:
        os._exit(code & 0xFF)  # no handlers of the program, and no waiting for its threads


def _sender(answers: int, token: str) -> Callable[[Json[str, Any]], None]:
    """A function that sends one answer. The line begins afresh, in case a program has written into the pipe."""

    lock = threading.RLock()

    def send(answer: Json[str, Any]) -> None:
        data = f"\n{token} {json.dumps(answer)}\n".encode("utf-8", "replace")
        with lock:
            while data:
                data = data[os.write(answers, data) :]

    return send
