"""The log: one line an event on standard error, with no secret in it.

``info("source watched", client="acme", new=3)`` costs nothing but the standard library; structlog
comes in when a long-running process calls ``configure``. Whatever other libraries log through the
standard library takes the same way out.
"""

import base64
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

MASK = "***"
SHORTEST_SECRET = 4  # characters; hiding less would make every line unreadable
LONG_WORD = 8  # characters; a shorter word of a secret may be an everyday one

#: How characters that stand for something are written: in HTML, and behind backslashes.
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_SLASHED = {"\n": "n", "\r": "r", "\t": "t", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_SLASHES = r"\\{1,4}"

_CREDENTIALS = re.compile(
    r"(?<=://)[^/?#\s@]+(?=@)"
    r"|(?<=\bbearer )[\w.~+/=-]{8,}"
    r"|(?<=\bbasic )[A-Za-z0-9+/]{8,}=*"
    r"|(?<=[?&])((?:access_token|api_key|apikey|auth|code|key|password|secret|sig|token)=)[^&#\s\"']+",
    re.IGNORECASE,
)

Facts = MutableMapping[str, Any]


class Redactor:
    """Masks secrets by their value, wherever they turn up and however they are written."""

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}  # secret -> expression
        self._hidden = re.compile(r"(?!)")  # matches nothing

    def hide(self, secret: str) -> None:
        """Mask this value from now on, also escaped for an address, JSON, HTML or Python, and
        inside base64; and each of its words, and the password of an address that it is.
        """
        known = len(self._forms)
        for part in (secret, *_parts(secret)):
            if len(part) >= SHORTEST_SECRET and part not in self._forms:
                self._forms[part] = "|".join((_escaped(part), *map(re.escape, _encoded(part))))
        if len(self._forms) > known:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._hidden = re.compile("|".join(self._forms[part] for part in longest_first))

    def text(self, text: str) -> str:
        """The text with every hidden value and every credential of an address masked."""
        bare = self._hidden.sub(MASK, text)
        return _CREDENTIALS.sub(lambda found: (found[1] or "") + MASK, bare)

    def value(self, value: object) -> object:
        """The same for a value of any kind; what is not JSON becomes text."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def _parts(secret: str) -> list[str]:
    """What may be said without the rest: long words, as in ``Bearer …``, and a password."""
    words = [word for word in secret.split() if len(word) >= LONG_WORD]
    return words + re.findall(r"://[^/?#\s@:]*:([^/?#\s@]+)@", secret)


def _escaped(secret: str) -> str:
    """An expression for the value in plain text and in every usual escape, in any mixture."""
    return "".join(map(_any_form, secret))


def _any_form(character: str) -> str:
    """One character; letters and digits without an accent are escaped by nobody.

    What is escaped twice is recognised, too.
    """
    if character.isascii() and character.isalnum():
        return character
    raw = character.encode("utf-8", "surrogatepass")
    utf16 = character.encode("utf-16-be", "surrogatepass").hex()
    units = [utf16[at : at + 4] for at in range(0, len(utf16), 4)]
    code, hexadecimal = ord(character), f"{ord(character):x}"
    forms = [
        re.escape(character),
        re.escape(raw.decode("latin-1")),  # as in a header that was read as ASCII
        "".join(f"%(?:25)*{byte:02x}" for byte in raw),
        "".join(rf"{_SLASHES}x{byte:02x}" for byte in raw),
        "".join(rf"{_SLASHES}u{unit}" for unit in units),
        rf"{_SLASHES}(?:x|U0*){hexadecimal:0>2}",
        rf"&(?:amp;)*#(?:0*{code}|x0*{hexadecimal});",
    ]
    if character in _NAMED:
        forms.append(rf"&(?:amp;)*{_NAMED[character]};")
    if character in _SLASHED:
        forms.append(_SLASHES + re.escape(_SLASHED[character]))
    if character == " ":
        forms.append(re.escape("+"))
    return f"(?i:{'|'.join(forms)})"


def _encoded(secret: str) -> set[str]:
    """The value inside a longer base64 text, where it starts at one of three offsets.

    Only the characters that no neighbour can change are looked for.
    """
    raw, forms = secret.encode("utf-8", "surrogatepass"), set()
    for shift, polluted in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * shift + raw
        whole = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(padded).decode()[polluted:whole])
    return forms


_redactor = Redactor()
hide = _redactor.hide
redact = _redactor.text


def configure(
    level: str = "info",
    *,
    json: bool | None = None,  # None: JSON unless standard error is a terminal
    stream: TextIO | None = None,  # None: standard error
    **always: object,  # facts that stand in every line, such as the sphere
) -> None:
    """Send every event of this process to one stream, in UTC; calling it again replaces that."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    as_json = not out.isatty() if json is None else json
    handler.setFormatter(_formatter(as_json=as_json, colors=out.isatty(), always=always))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)


def redact_crashes() -> None:
    """Let the traceback of an error that nobody caught pass through the same sieve."""

    def tell(error: BaseException | None) -> None:
        if error is not None:
            sys.stderr.write(redact("".join(traceback.format_exception(error))))

    sys.excepthook = lambda _kind, error, _trace: tell(error)
    threading.excepthook = lambda crash: tell(crash.exc_value)
    sys.unraisablehook = lambda crash: tell(crash.exc_value)


def _formatter(*, as_json: bool, colors: bool, always: Mapping[str, object]) -> logging.Formatter:
    from structlog.dev import ConsoleRenderer, plain_traceback
    from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
    from structlog.stdlib import ProcessorFormatter, add_log_level

    def with_facts(_logger: object, _method: str, event: Facts) -> Facts:
        record: logging.LogRecord = event["_record"]
        origin = {} if record.name == "netbot" else {"logger": record.name}
        return {**always, **origin, **getattr(record, "facts", {}), **event}

    def without_secrets(_logger: object, _method: str, event: Facts) -> Facts:
        return {key: _redactor.value(value) for key, value in event.items()}

    return ProcessorFormatter(
        processors=[
            with_facts,
            ProcessorFormatter.remove_processors_meta,
            add_log_level,
            TimeStamper(fmt="iso", utc=True, key="at"),
            format_exc_info,
            without_secrets,
            JSONRenderer(ensure_ascii=False)
            if as_json
            else ConsoleRenderer(
                colors=colors, timestamp_key="at", exception_formatter=plain_traceback
            ),
        ]
    )


def debug(event: str, **facts: object) -> None:
    """Note something that helps to find a fault."""
    _log(logging.DEBUG, event, facts)


def info(event: str, **facts: object) -> None:
    """Note something that happened as it should."""
    _log(logging.INFO, event, facts)


def warning(event: str, **facts: object) -> None:
    """Note something that a human may want to look at."""
    _log(logging.WARNING, event, facts)


def error(event: str, *, cause: BaseException | None = None, **facts: object) -> None:
    """Note something that failed; ``cause`` adds its traceback."""
    _log(logging.ERROR, event, facts, cause)


def _log(
    level: int, event: str, facts: Mapping[str, object], cause: BaseException | None = None
) -> None:
    logging.getLogger("netbot").log(level, "%s", event, exc_info=cause, extra={"facts": facts})
