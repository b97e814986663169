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
    memory_mb: int = Field(
        default=128,
        ge=0,
        le=65_536,
        description="Memory for what the model has read of other documents, in MiB.",
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
        default="auto",
        description="'single' never offers more than the line; 'auto' lets a header grow a body.",
    )
    candidates: int = Field(
        default=3, ge=1, le=8, description="Answers to choose from, where a key asked for them."
    )
    in_comments: bool = Field(default=True, description="Complete inside comments.")
    in_strings: bool = Field(default=True, description="Complete inside string literals.")
    prepare: bool = Field(
        default=True,
        description="Use idle time for what may be asked next: the text after a suggestion.",
    )
    auto_import: bool = Field(
        default=True,
        description="Offer names that are not imported yet, and import them on acceptance.",
    )
    proposals: bool = Field(
        default=True,
        description="List expressions of the expected type among the editor's completions.",
    )


class SchemaMapping(_Section):
    files: tuple[str, ...] = Field(description="Patterns of file names, or of whole paths.")
    path: str = Field(description="The JSON Schema they follow, a local file.")


class JsonSettings(_Section):
    schemas: tuple[SchemaMapping, ...] = Field(
        default=(), description="Schemas by file name, for files that name none themselves."
    )


class RemoteSettings(_Section):
    url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="An inference server; unset means that no connection is ever made.",
    )
    kind: Literal["llama-server", "vllm", "sglang"] = Field(
        default="llama-server", description="What the inference server is."
    )
    tier: Literal["local", "remote", "auto"] = Field(
        default="local",
        description="Whose model answers: 'auto' asks the server for what a key asked for.",
    )
    model: str | None = Field(
        default=None, description="The model's name on the server, where it serves several."
    )
    markers: Literal["qwen", "starcoder", "deepseek", "codellama"] = Field(
        default="qwen",
        description="How the server's model spells fill-in-the-middle; llama-server knows itself.",
    )
    timeout_ms: int = Field(
        default=1500, ge=50, le=60_000, description="Time for the server's first word."
    )
    key_variable: str | None = Field(
        default=None, description="The environment variable that holds the key to the server."
    )


class PythonSettings(_Section):
    environment: str | None = Field(
        default=None,
        description=(
            "The environment whose packages the code uses: its folder, or the interpreter in it. "
            "Unset means the one in the workspace, else the one active when Tenon started."
        ),
    )


class MetricsSettings(_Section):
    file: bool = Field(
        default=False,
        description="Write counts and timings every few seconds to a file for `tenon stats`.",
    )


class Settings(_Section):
    model: ModelSettings = ModelSettings()
    completion: CompletionSettings = CompletionSettings()
    python: PythonSettings = PythonSettings()
    # Not called `json`: that would hide a method of the base class.
    json_files: JsonSettings = Field(default=JsonSettings(), alias="json")
    remote: RemoteSettings = RemoteSettings()
    metrics: MetricsSettings = MetricsSettings()
    streaming: bool = Field(
        default=False, description="Send growing chunks as `tenon/chunk` notifications."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
