"""Settings: what a user may change, with defaults, validation and a sentence on each.

The single source of names: editors' settings pages repeat these names and defaults.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class ModelSettings(_Section):
    path: str | None = Field(
        default=None, description="A GGUF file; unset means the one `tenon model use` chose."
    )
    n_gpu_layers: int = Field(
        default=-1, ge=-1, description="Layers on the GPU; -1 means all where llama.cpp has one."
    )
    threads: int | None = Field(
        default=None, ge=1, le=256, description="Threads for the model; unset means physical cores."
    )
    context_length: int = Field(
        default=2048, ge=256, le=131072, description="Tokens of prompt and answer together."
    )


class CompletionSettings(_Section):
    enabled: bool = True
    deadline_ms: int = Field(
        default=350, ge=20, le=60_000, description="Time for an answer that typing asked for."
    )
    invoked_deadline_ms: int = Field(
        default=2000, ge=20, le=60_000, description="Time for an answer that a key asked for."
    )
    max_tokens: int = Field(default=96, ge=1, le=1024)
    lines: Literal["single", "auto"] = Field(
        default="auto", description="'single' never offers more than the line; 'auto' lets a header grow a body."
    )
    in_comments: bool = Field(default=True, description="Complete inside comments.")
    in_strings: bool = Field(default=True, description="Complete inside string literals.")


class SchemaMapping(_Section):
    files: tuple[str, ...] = Field(description="Patterns of file names, or of whole paths.")
    path: str = Field(description="The JSON Schema they follow, a local file.")


class JsonSettings(_Section):
    schemas: tuple[SchemaMapping, ...] = Field(
        default=(), description="Schemas by file name, for files that name none themselves."
    )


class Settings(_Section):
    model: ModelSettings = ModelSettings()
    completion: CompletionSettings = CompletionSettings()
    # Not called `json`: that would hide a method of the base class.
    json_files: JsonSettings = Field(default=JsonSettings(), alias="json")
    streaming: bool = Field(
        default=False, description="Send growing chunks as `tenon/chunk` notifications."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
