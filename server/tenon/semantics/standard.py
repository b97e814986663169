"""Standard: which names of the standard library an author imports, and from which module.

Owns the preference among modules that offer the same name, and the choice of what is worth
offering at all: every class of the modules listed, and of their functions those that are
customarily called by their bare name. The stubs that ship inside jedi say what there is.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping

from tenon.semantics.facts import Import
from tenon.semantics.sources import STUBS
from tenon.semantics.summary import Offer, offer_of

_MODULES = """
    pathlib dataclasses collections.abc collections re typing enum abc datetime decimal fractions
    numbers io contextlib functools threading queue concurrent.futures argparse logging csv string
    types uuid subprocess tempfile zipfile tarfile configparser unittest unittest.mock http
    http.server http.client urllib.parse urllib.request urllib.error socketserver sqlite3 random
    statistics struct array weakref copy itertools operator heapq bisect time calendar textwrap
    shutil glob fnmatch json pickle shelve hashlib secrets base64 zoneinfo graphlib contextvars
    inspect traceback warnings importlib importlib.metadata importlib.resources importlib.abc
    importlib.machinery importlib.util pkgutil platform gettext locale getpass shlex cmd code
    codeop pprint reprlib difflib html html.parser xml.etree.ElementTree email.message
    email.mime.text email.mime.multipart smtplib imaplib ftplib ssl socket selectors ipaddress
    asyncio multiprocessing multiprocessing.pool signal mmap gzip bz2 lzma zlib optparse fileinput
    filecmp timeit cProfile pstats tracemalloc wsgiref.simple_server xmlrpc.client xmlrpc.server
    logging.handlers tomllib plistlib sched math
""".split()
"""Where two offer a name, the first has it: ABCs come from collections.abc, locks from threading.
Modules whose names are never seen without the module before them are left out."""

FUNCTIONS: Mapping[str, str] = {
    "abc": "abstractmethod",
    "bisect": "bisect_left bisect_right insort",
    "collections": "defaultdict deque namedtuple",
    "concurrent.futures": "as_completed",
    "contextlib": "asynccontextmanager closing contextmanager nullcontext redirect_stderr "
    "redirect_stdout suppress",
    "copy": "deepcopy",
    "dataclasses": "asdict astuple dataclass field is_dataclass",
    "datetime": "datetime timedelta timezone tzinfo",
    "difflib": "get_close_matches unified_diff",
    "enum": "auto",
    "fnmatch": "fnmatch",
    "functools": "cache cached_property cmp_to_key lru_cache partial partialmethod reduce "
    "singledispatch singledispatchmethod total_ordering update_wrapper wraps",
    "getpass": "getpass",
    "heapq": "heapify heappop heappush heapreplace nlargest nsmallest",
    "importlib": "import_module",
    "inspect": "getmembers getsource isabstract isclass iscoroutinefunction isfunction",
    "itertools": "accumulate chain combinations combinations_with_replacement dropwhile "
    "filterfalse groupby islice pairwise permutations starmap takewhile zip_longest",
    "math": "ceil floor isclose isnan sqrt",
    "operator": "attrgetter itemgetter methodcaller",
    "pprint": "pprint",
    "random": "randint shuffle",
    "shutil": "copyfile copytree rmtree",
    "statistics": "mean median stdev",
    "subprocess": "check_call check_output",
    "tempfile": "mkdtemp mkstemp gettempdir",
    "textwrap": "dedent",
    "threading": "current_thread",
    "time": "monotonic perf_counter sleep",
    "traceback": "format_exc print_exc",
    "typing": "cast final get_args get_origin get_type_hints overload runtime_checkable",
    "unittest.mock": "patch",
    "urllib.parse": "parse_qs unquote urlencode urljoin urlparse urlsplit urlunparse urlunsplit",
    "urllib.request": "urlopen",
    "uuid": "uuid1 uuid3 uuid4 uuid5",
}
"""Functions and the like by their module, where people call them by their bare name."""

_LOADED = frozenset({"os.path"})
"""Submodules that come with their package."""


class Standard:
    """What the standard library offers. Learnt once a process, a module at a time, from any
    thread."""

    def __init__(self) -> None:
        self.names: dict[str, Import] = {}
        """By name, what is offered by itself."""
        self.offers: dict[str, frozenset[str]] = {}
        """By module, every public name."""
        self._steps = self._learn()
        self._lock = threading.Lock()

    def step(self) -> bool:
        """Learn one module more; False where there is none left."""
        with self._lock:
            return next(self._steps, False)

    def module(self, path: str) -> Import | None:
        """The import that makes `path`, which begins with a module's name, mean something."""
        parts = path.split(".")
        if parts[0] not in sys.stdlib_module_names:
            return None
        module = parts[0]
        for part in parts[1:]:
            longer = f"{module}.{part}"
            if longer in _LOADED or not _is_module(longer):
                break
            module = longer
        return Import(module=module, origin="standard")

    def _learn(self) -> Iterator[bool]:
        for module in _MODULES:
            offered = frozenset(_offered(module, frozenset()))
            self.offers[module] = offered
            bare = set(FUNCTIONS.get(module, "").split())
            for name in sorted(offered):
                if name in bare or name in _LOUD or (name[0].isupper() and not name.isupper()):
                    found = Import(module=module, name=name, origin="standard")
                    self.names.setdefault(name, found)
            yield True


_LOUD = frozenset({"ABC", "IO", "HTTPStatus", "UUID", "ET", "UTC"})
"""Classes that are written in capitals, as constants are."""

STANDARD = Standard()


def _offered(module: str, seen: frozenset[str]) -> set[str]:
    offer = _read(module)
    names = set(offer.names)
    for star in offer.stars:
        # Of the package's own modules, or of one beside it.
        other = f"{module}{star}" if star.startswith(".") else star
        if other not in seen:
            names |= _offered(other, seen | {module})
    return names


def _read(module: str) -> Offer:
    base = STUBS.joinpath(*module.split("."))
    for path in (base / "__init__.pyi", base.with_name(base.name + ".pyi")):
        try:
            return offer_of(path.read_text("utf-8"))
        except OSError:
            continue
    return Offer(names=frozenset(), stars=())


def _is_module(name: str) -> bool:
    base = STUBS.joinpath(*name.split("."))
    return base.is_dir() or base.with_name(base.name + ".pyi").is_file()
