"""What the columns of tables share: times that sort, and words of an enum."""

from datetime import UTC, datetime
from typing import cast

from sqlalchemy import CheckConstraint, Dialect, String, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from netbot.model import require_utc


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it as text of fixed width that sorts by time."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """``TIMESTAMP WITH TIME ZONE`` where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))  # type: ignore[arg-type]

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Refuse naive times; raises ``ValueError``."""
        require_utc(value=value)
        if value is None or dialect.name == "postgresql":
            return value
        return value.isoformat(timespec="microseconds")

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Give back what was stored, in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return cast(datetime, moment).astimezone(UTC)


def one_of(column: str, words: type) -> CheckConstraint:
    """A CHECK that ``column`` holds a member of a ``StrEnum``."""
    listed = ", ".join(f"'{word}'" for word in words)  # type: ignore[attr-defined]
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
