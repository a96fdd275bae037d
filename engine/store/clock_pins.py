"""At what time does a test clock stand, also after a restart?"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from engine.store.database import Database
from engine.store.schema import clock_pin
from engine.store.times import micros, moment


def remember_pin(connection: Connection, at: datetime) -> None:
    forget_pin(connection)
    connection.execute(insert(clock_pin).values(id=1, pinned_at=micros(at)))


def forget_pin(connection: Connection) -> None:
    connection.execute(delete(clock_pin))


def pinned_at(database: Database) -> datetime | None:
    with database.reading() as connection:
        found = connection.execute(select(clock_pin.c.pinned_at)).first()
    return None if found is None else moment(found[0])
