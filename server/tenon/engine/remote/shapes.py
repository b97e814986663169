"""Shapes: how each kind of inference server is asked to write, and how its words are read.

Owns the JSON of llama-server's `/infill`, of vLLM's `/v1/completions` and of SGLang's
`/generate`, each as their documentation has it. Opens no connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

Kind = Literal["llama-server", "vllm", "sglang"]
Dialect = Literal["lark", "gbnf"]

MARKERS: Mapping[str, tuple[str, str, str]] = {
    "qwen": ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    "starcoder": ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    "deepseek": ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    "codellama": ("<PRE> ", " <SUF>", " <MID>"),
}
"""By family: what stands before the prefix, between prefix and suffix, and behind the suffix."""


class Garbled(Exception):
    """An answer that is not what the server's documentation promises. Says what is wrong."""


class Told(Exception):
    """The server said, in words, that it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be written."""

    prefix: str
    suffix: str
    grammar: str | None
    """In the dialect the shape asks for; None lets the model write what it likes."""
    max_tokens: int
    stop: tuple[str, ...] = ()
    """Texts before which the answer ends."""

    def within(self, room: int) -> Task:
        """The same with no more than `room` characters of buffer, a quarter of them behind the
        cursor, cut at line breaks."""
        prefix, suffix = self.prefix, self.suffix
        if len(suffix) > room // 4:
            cut = suffix[: room // 4]
            suffix = cut[: cut.rfind("\n") + 1] or cut
        left = room - len(suffix)
        if len(prefix) > left:
            cut = prefix[-left:]
            prefix = cut[cut.find("\n") + 1 :] or cut
        return replace(self, prefix=prefix, suffix=suffix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event of the answer."""

    text: str
    """What was added."""
    ended: bool = False


class Shape(Protocol):
    dialect: ClassVar[Dialect]
    """What its grammars are written in."""
    path: ClassVar[str]

    def body(self, task: Task) -> dict[str, Any]: ...

    def heard(self, event: Mapping[str, Any], so_far: int) -> Heard:
        """What an event says, after `so_far` characters. Raises `Garbled` and `Told`."""
        ...


@dataclass(frozen=True, slots=True)
class LlamaServer:
    dialect: ClassVar[Dialect] = "gbnf"
    path: ClassVar[str] = "/infill"

    def body(self, task: Task) -> dict[str, Any]:
        body: dict[str, Any] = {
            "input_prefix": task.prefix,
            "input_suffix": task.suffix,
            "prompt": "",
            "n_predict": task.max_tokens,
            "temperature": 0.0,
            "cache_prompt": True,
            "stream": True,
            "stop": list(task.stop),
        }
        if task.grammar is not None:
            body["grammar"] = task.grammar
        return body

    def heard(self, event: Mapping[str, Any], so_far: int) -> Heard:
        _complain(event)
        return Heard(text=_text(event.get("content")), ended=event.get("stop") is True)


@dataclass(frozen=True, slots=True)
class Vllm:
    markers: tuple[str, str, str]
    model: str | None
    dialect: ClassVar[Dialect] = "lark"
    path: ClassVar[str] = "/v1/completions"

    def body(self, task: Task) -> dict[str, Any]:
        body: dict[str, Any] = {
            "prompt": _prompt(self.markers, task),
            "max_tokens": task.max_tokens,
            "temperature": 0.0,
            "stream": True,
            "stop": list(task.stop),
        }
        if self.model is not None:
            body["model"] = self.model
        if task.grammar is not None:
            body["structured_outputs"] = {"grammar": task.grammar}
        return body

    def heard(self, event: Mapping[str, Any], so_far: int) -> Heard:
        _complain(event)
        choices = event.get("choices")
        if not isinstance(choices, list) or (choices and not isinstance(choices[0], Mapping)):
            raise Garbled("the answer has no choices")
        if not choices:
            # The last event of some versions counts tokens, and says nothing.
            return Heard(text="")
        choice = choices[0]
        return Heard(text=_text(choice.get("text")), ended=choice.get("finish_reason") is not None)


@dataclass(frozen=True, slots=True)
class Sglang:
    markers: tuple[str, str, str]
    dialect: ClassVar[Dialect] = "lark"
    path: ClassVar[str] = "/generate"

    def body(self, task: Task) -> dict[str, Any]:
        sampling: dict[str, Any] = {
            "max_new_tokens": task.max_tokens,
            "temperature": 0.0,
            "stop": list(task.stop),
        }
        if task.grammar is not None:
            sampling["ebnf"] = "%llguidance {}\n" + task.grammar
        return {"text": _prompt(self.markers, task), "sampling_params": sampling, "stream": True}

    def heard(self, event: Mapping[str, Any], so_far: int) -> Heard:
        _complain(event)
        about = event.get("meta_info")
        ended = isinstance(about, Mapping) and about.get("finish_reason") is not None
        # Each event repeats all that was said before.
        return Heard(text=_text(event.get("text"))[so_far:], ended=ended)


def shape_of(kind: Kind, *, markers: str, model: str | None) -> Shape:
    """`markers` is a key of `MARKERS`."""
    if kind == "vllm":
        return Vllm(MARKERS[markers], model)
    if kind == "sglang":
        return Sglang(MARKERS[markers])
    return LlamaServer()


def event(line: str) -> Mapping[str, Any] | None:
    """The event in a line of a stream; None where the line holds none, or says that it is over.

    Raises `Garbled` and `Told`.
    """
    field, _, value = line.partition(":")
    if field not in ("data", "error") or not value.strip() or value.strip() == "[DONE]":
        return None
    try:
        decoded = json.loads(value)
    except ValueError:
        raise Garbled(f"an event is no JSON: {value.strip()[:60]!r}") from None
    if not isinstance(decoded, Mapping):
        raise Garbled(f"an event is no object: {value.strip()[:60]!r}")
    if field == "error":
        raise Told(complaint(decoded) or "an error without a message")
    return decoded


def complaint(answer: object) -> str:
    """The message in an error as these servers word it; empty where there is none."""
    if not isinstance(answer, Mapping):
        return ""
    error = answer.get("error", answer if answer.get("object") == "error" else None)
    if isinstance(error, Mapping):
        error = error.get("message")
    return str(error)[:200] if error else ""


def _complain(event: Mapping[str, Any]) -> None:
    message = complaint(event)
    if message:
        raise Told(message)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Garbled(f"the text is {value!r:.60}")
    return value


def _prompt(markers: tuple[str, str, str], task: Task) -> str:
    before, between, behind = markers
    return f"{before}{task.prefix}{between}{task.suffix}{behind}"
