"""The tables of users, sessions and tokens. Secrets are kept as hashes only."""

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, MetaData, String, Table, Text

metadata = MetaData()

auth_user = Table(
    "auth_user",
    metadata,
    Column("username", String(256), primary_key=True),
    Column("display_name", Text),
    Column("email", Text),
    Column("password_hash", Text),  # argon2id; NULL: cannot sign in with a password
    Column("roles", JSON, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

auth_session = Table(
    "auth_session",
    metadata,
    Column("id_hash", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("username", String(256), ForeignKey("auth_user.username", ondelete="CASCADE"), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("auth_session_by_user", "username"),
    Index("auth_session_by_expiry", "expires_at"),
)

auth_token = Table(
    "auth_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("username", String(256), ForeignKey("auth_user.username", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Index("auth_token_by_user", "username"),
)
