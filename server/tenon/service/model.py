"""LoadedModel: an engine with what decoding needs beside it, loaded and freed as one.

Owns what lives as long as a model does. Used on the engine thread alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenon.constraints.grammar import grammar_for
from tenon.decoding.drafts import Account
from tenon.decoding.matcher import Grammars
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.engine import Engine
from tenon.engine.fim import prompt_budget
from tenon.engine.probe import Speed, probe
from tenon.service.settings import ModelSettings
from tenon.syntax.context import Frame

_PLAIN = Frame(opening="", closing="", indents=("",), unit="    ", statement=0)
"""The place most buffers are like."""
_LEAST_PROMPT = 64
"""Tokens of prompt below which asking a model makes no sense."""
_SPARE = 8
"""Tokens of context that neither prompt nor answer may take."""
_PROBED, _STEPPED = 48, 4
"""Tokens that show how fast a model reads and says: a tenth of a second, seconds on a large one."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    engine: Engine
    vocabulary: Vocabulary
    grammars: Grammars
    speed: Speed
    """As measured when it was loaded."""
    account: Account = field(default_factory=Account)
    """Whether drafts pay with this model on this machine."""

    @classmethod
    def load(cls, settings: ModelSettings) -> LoadedModel:
        """Open the model the settings name. Raises `EngineError`; seconds on a large one."""
        # Deferred: llama.cpp takes half a second to import, and `initialize` must not wait.
        from tenon.engine.llama import LlamaEngine
        from tenon.engine.presets import in_use

        engine = LlamaEngine.open(
            in_use(settings.path),
            n_gpu_layers=settings.n_gpu_layers,
            threads=settings.threads,
            context_length=settings.context_length,
            memory=settings.memory_mb << 20,
        )
        try:
            vocabulary = Vocabulary(engine.vocab_handle, end=engine.info.end_token)
            grammars = Grammars(vocabulary)
            # The first matcher of a process is ten times dearer than the next: pay for it here.
            warm = grammars.matcher(grammar_for("python", _PLAIN))
            warm.feed("def warm():\n    return ")
            speed = probe(engine, prompt_tokens=_PROBED, steps=_STEPPED)
        except Exception:
            engine.close()
            raise
        return cls(engine, vocabulary, grammars, speed)

    def prompt_budget(self, answer: int) -> int:
        """Tokens of prompt that can be read in time and leave room for so many of an answer."""
        room = self.engine.info.context_length - answer - _SPARE
        return max(_LEAST_PROMPT, min(prompt_budget(self.engine.info, self.speed), room))

    def close(self) -> None:
        self.engine.close()
