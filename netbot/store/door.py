"""Who may open the page: one small database of its own, ``data/web.db``, for the whole home.

It holds hashes and times: of the password, of open sessions, of the one-time link with which a
password is set, of the browsers that were let in before, and when somebody tried in vain; and of
the tokens with which programs read and propose, each for one sphere. Of passkeys it holds the
public half, which opens nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    delete,
    func,
    insert,
    inspect,
    or_,
    select,
    update,
)

from netbot.store import connecting
from netbot.store.columns import Moment
from netbot.store.faults import telling

_metadata = MetaData()

_password = Table(
    "password",
    _metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("hash", String, nullable=False),
    Column("set_at", Moment, nullable=False),
)
_sessions = Table(
    "sessions",
    _metadata,
    Column("sha256", String, primary_key=True),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("browser", String, nullable=False),
)
_links = Table(  # one at most: a new one takes the place of the old one
    "links",
    _metadata,
    Column("sha256", String, primary_key=True),
    Column("ends_at", Moment, nullable=False),
)
_browsers = Table(
    "browsers",
    _metadata,
    Column("sha256", String, primary_key=True),
    Column("known_since", Moment, nullable=False),
)
_tries = Table(
    "tries",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("by", String, nullable=False),  # a known browser's hash, "" for all others
    Column("at", Moment, nullable=False),
)
_tokens = Table(
    "tokens",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("sphere", String, nullable=False),  # the house that it opens, and no other
    Column("right", String, nullable=False),
    Column("sha256", String, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),  # when it last changed something; reading is not noted
    sqlite_autoincrement=True,  # the number of one that was revoked never names another
)
_passkeys = Table(
    "passkeys",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("rp_id", String, nullable=False),  # the host for which it was made
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    sqlite_autoincrement=True,
)


class Right(StrEnum):
    """What a token opens; none opens a decision."""

    READ = "read"  # the API, to look
    PROPOSE = "propose"  # the API, to look and to queue a post that still has to be approved
    FEED = "feed"  # the feed of the queue and the calendar, by a secret address


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program may do; the token itself was shown once and is kept nowhere."""

    id: int
    name: str  # what its owner calls it
    sphere: str
    right: Right
    made_at: datetime
    used_at: datetime | None = None  # when it last changed something


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """What somebody logs in with in place of the password; the secret half stays on a device."""

    name: str  # what its owner calls it
    rp_id: str  # the host at which it opens
    credential: bytes  # by what the device knows it
    public_key: bytes  # COSE (RFC 9052)
    counter: int  # how often the device says it was used; 0 for ever where it does not count
    made_at: datetime
    id: int = 0  # given when it is kept
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is in."""

    sha256: str
    begun_at: datetime
    seen_at: datetime
    browser: str  # what the browser calls itself


class Door:
    """The database; several threads and processes may hold one each. Raises ``StoreError``.

    It is made at the first write: who only reads needs no room on the disk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = connecting.create(f"sqlite:///{path}")
        self._tables: frozenset[str] = frozenset()  # those that are surely there

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def password(self) -> str | None:
        """The password's hash; None before one was set."""
        with self._read() as tx:
            found: str | None = tx.scalar(select(_password.c.hash)) if tx else None
            return found

    def set_password(self, hashed: str, now: datetime) -> None:
        """From now on only this one opens; everybody is out, and no link lets anybody set it."""
        with self._write() as tx:
            for table in (_password, _sessions, _links, _browsers, _tries):
                tx.execute(delete(table))
            tx.execute(insert(_password).values(id=1, hash=hashed, set_at=now))

    def rehash(self, hashed: str) -> None:
        """The same password under a newer way of hashing; nobody notices."""
        with self._write() as tx:
            tx.execute(update(_password).values(hash=hashed))

    def put_link(self, sha256: str, ends_at: datetime) -> None:
        """Let somebody set a password by this link until then; an older one does no more."""
        with self._write() as tx:
            tx.execute(delete(_links))
            tx.execute(insert(_links).values(sha256=sha256, ends_at=ends_at))

    def has_link(self, sha256: str, now: datetime) -> bool:
        """Whether that link still lets somebody set a password."""
        query = select(func.count()).where(_links.c.sha256 == sha256, _links.c.ends_at > now)
        with self._read() as tx:
            return tx is not None and bool(tx.scalar(query))

    def begin(self, session: Session, browser_sha: str) -> None:
        """Somebody gave the right password with that browser: what went wrong before is forgotten.

        The browser is known from now on.
        """
        with self._write() as tx:
            tx.execute(delete(_tries).where(_tries.c.by.in_(["", browser_sha])))
            tx.execute(delete(_browsers).where(_browsers.c.sha256 == browser_sha))
            tx.execute(insert(_browsers).values(sha256=browser_sha, known_since=session.begun_at))
            tx.execute(
                insert(_sessions).values(
                    sha256=session.sha256,
                    begun_at=session.begun_at,
                    seen_at=session.seen_at,
                    browser=session.browser,
                )
            )

    def session(self, sha256: str) -> Session | None:
        """The session of that hash."""
        with self._read() as tx:
            query = select(_sessions).where(_sessions.c.sha256 == sha256)
            row = tx.execute(query).mappings().first() if tx else None
        return Session(**row) if row else None

    def see(self, sha256: str, now: datetime) -> None:
        """Somebody of that session did something."""
        with self._write() as tx:
            tx.execute(update(_sessions).where(_sessions.c.sha256 == sha256).values(seen_at=now))

    def sessions(self) -> list[Session]:
        """Everybody who is in, the newest first."""
        with self._read() as tx:
            query = select(_sessions).order_by(_sessions.c.begun_at.desc())
            rows = tx.execute(query).mappings().all() if tx else ()
        return [Session(**row) for row in rows]

    def end(self, *sha256: str) -> None:
        """Let these sessions be over."""
        with self._write() as tx:
            tx.execute(delete(_sessions).where(_sessions.c.sha256.in_(sha256)))

    def is_known(self, browser_sha: str) -> bool:
        """Whether somebody was let in with that browser before."""
        query = select(func.count()).where(_browsers.c.sha256 == browser_sha)
        with self._read() as tx:
            return tx is not None and bool(tx.scalar(query))

    def note_try(self, by: str, now: datetime) -> None:
        """Somebody tried in vain: with the known browser of that hash, or "" for any other."""
        with self._write() as tx:
            tx.execute(insert(_tries).values(by=by, at=now))

    def tries(self, by: str) -> tuple[int, datetime | None]:
        """How often somebody tried in vain, and when last."""
        query = select(func.count(), func.max(_tries.c.at)).where(_tries.c.by == by)
        with self._read() as tx:
            count, last = tx.execute(query).one() if tx else (0, None)
        return count, last

    def add_token(
        self, *, name: str, sphere: str, right: Right, sha256: str, now: datetime
    ) -> Token:
        """Let whoever shows the token of that hash do so much in that sphere."""
        values = {"name": name, "sphere": sphere, "right": right.value, "made_at": now}
        query = insert(_tokens).values(**values, sha256=sha256).returning(_tokens.c.id)
        with self._write() as tx:
            born: int = tx.execute(query).scalar_one()
        return Token(id=born, name=name, sphere=sphere, right=right, made_at=now)

    def token(self, sha256: str) -> Token | None:
        """The token of that hash."""
        with self._read(_tokens) as tx:
            query = select(_tokens).where(_tokens.c.sha256 == sha256)
            row = tx.execute(query).mappings().first() if tx else None
        return _token(row) if row else None

    def tokens(self) -> list[Token]:
        """All tokens, the oldest first."""
        with self._read(_tokens) as tx:
            query = select(_tokens).order_by(_tokens.c.id)
            rows = tx.execute(query).mappings().all() if tx else ()
        return [_token(row) for row in rows]

    def use_token(self, id: int, now: datetime) -> None:
        """Something was changed with it."""
        with self._write() as tx:
            tx.execute(update(_tokens).where(_tokens.c.id == id).values(used_at=now))

    def remove_token(self, id: int) -> bool:
        """Let it open nothing any more; whether there was one."""
        with self._write() as tx:
            return tx.execute(delete(_tokens).where(_tokens.c.id == id)).rowcount == 1

    def add_passkey(self, passkey: Passkey) -> bool:
        """Let it open the page; False where the device had shown it before."""
        facts = {name: value for name, value in asdict(passkey).items() if name != "id"}
        with self._write() as tx:
            known = select(_passkeys.c.id).where(_passkeys.c.credential == passkey.credential)
            if tx.scalar(known) is not None:
                return False
            tx.execute(insert(_passkeys).values(facts))
            return True

    def passkeys(self) -> list[Passkey]:
        """All passkeys, the oldest first."""
        with self._read(_passkeys) as tx:
            query = select(_passkeys).order_by(_passkeys.c.id)
            rows = tx.execute(query).mappings().all() if tx else ()
        return [Passkey(**row) for row in rows]

    def use_passkey(self, id: int, counter: int, now: datetime) -> bool:
        """Note that it opened the page; False where it is gone, or its counter has not grown.

        A device that does not count says 0 each time.
        """
        grown = or_(_passkeys.c.counter < counter, _passkeys.c.counter + counter == 0)
        with self._write() as tx:
            query = update(_passkeys).where(_passkeys.c.id == id, grown)
            return tx.execute(query.values(counter=counter, used_at=now)).rowcount == 1

    def remove_passkey(self, id: int) -> bool:
        """Let it open nothing any more; whether there was one."""
        with self._write() as tx:
            return tx.execute(delete(_passkeys).where(_passkeys.c.id == id)).rowcount == 1

    @contextmanager
    def _read(self, table: Table = _tries) -> Iterator[Connection | None]:
        """None where nothing was ever written, or by a version that knew no such table."""
        if not self._path.exists():
            yield None
            return
        with telling(str(self._path)), self._engine.begin() as tx:
            if table.name not in self._tables:
                self._tables = frozenset(inspect(tx).get_table_names())
            yield tx if table.name in self._tables else None

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with telling(str(self._path)), connecting.writing(self._engine) as tx:
            if not self._tables >= _metadata.tables.keys():
                _metadata.create_all(tx)
                self._path.chmod(0o600)
            yield tx


def _token(row: RowMapping) -> Token:
    facts = {name: value for name, value in row.items() if name != "sha256"}
    return Token(**facts | {"right": Right(row["right"])})
