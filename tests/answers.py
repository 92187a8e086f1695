"""Answers as the child of a probe gives them, written by hand: for tests of what is made of them."""

from __future__ import annotations

import ast
import copy
import json
from typing import Any

from keraslint.model import Program, Span
from keraslint.probe.answers import heard
from keraslint.probe.places import Places
from keraslint.source import Source

Json = dict[str, Any]


def site(text: str, call: str, path: str = "train.py", nth: int = 0) -> list[Any]:
    """The place of the nth call that begins with these words, as Python's own positions say it."""
    calls = sorted(
        (node.lineno, node.col_offset, node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and (ast.get_source_segment(text, node) or "").startswith(call)
    )
    node = calls[nth][2]
    return [path, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]


RUNTIME: Json = {
    "package": "keras",
    "keras": "3.15.1",
    "tensorflow": "2.21.0",
    "backend": "tensorflow",
    "dtype_policy": "float32",
    "device": "cpu",
}


def head(at: list[Any], kind: str = "Dense", **more: Any) -> Json:
    """What a softmax over ten classes shows, but for `more`."""
    return {
        "name": "dense",
        "layer": {"kind": kind, "name": "dense", "site": at, "ordinal": 0},
        "shape": [None, 10],
        "units": 10,
        "channel_axis": -1,
        "activation": "softmax",
        "confidence": "high",
        "low": 0.0,
        "high": 1.0,
        "totals": [-1],
        "sums": [{"axis": 0, "low": 2.1, "high": 4.4}, {"axis": -1, "low": 1.0, "high": 1.0, "counts": [32]}],
        "coupling": None,
        "constant": None,
        "non_finite": None,
        "non_finite_gradient": None,
        "rows": 32,
        "devices": None,
        **more,
    }


def training(at: list[Any], **more: Any) -> Json:
    """A categorical crossentropy that is what `predict()` gives, but for `more`, whose losses and trial are changed."""
    loss = {"head": 0, "name": "categorical_crossentropy", "from_logits": False, "spelling": "string"}
    trial = {
        "trained": 2.4,
        "trained_eager": 2.4,
        "predicted": 2.4,
        "expected": 2.302585,
        "expected_name": "ln 10",
        "gradient": 1.4,
        "still": [],
        "all_still": False,
        "labels": "one-hot made up",
    }
    loss |= more.pop("loss", {})
    trial |= {"trained_eager": more.get("trial", {}).get("trained", trial["trained"])} | more.pop("trial", {})
    told = {"losses": [loss], "metrics": [], "optimizer": "Adam", "learning_rate": 0.001, "trial": trial}
    return {"site": at, **told, **more}


def model(at: list[Any], heads: list[Json], trainings: list[Json] | None = None, **more: Any) -> Json:
    """A model that was built."""
    told = {"ordinal": 0, "name": "sequential", "kind": "Sequential", "runtime": RUNTIME, "stood_in": [], "layers": []}
    return {"event": "model", "site": at, **told, "heads": heads, "trainings": trainings or [], **more}


def lines(*answers: Json) -> list[bytes]:
    """The lines of a child that comes to its end."""
    return [json.dumps(copy.deepcopy(one)).encode() for one in (*answers, {"event": "done", "seconds": 0.1})]


def program(text: str, *answers: Json, path: str = "train.py") -> Program:
    """What is made of some answers about a text; failures belong to a model in its first line."""
    source = Source.from_text(path, text)
    found, done = heard(lines(*answers), Places({path: source}), Span(path, source.position(1, 1, 1, 1)))
    assert done
    return found
