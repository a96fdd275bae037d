"""Users, sessions and tokens."""

from alembic import op
from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, String, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "auth_user",
        Column("username", String(256), primary_key=True),
        Column("display_name", Text),
        Column("email", Text),
        Column("password_hash", Text),
        Column("roles", JSON, nullable=False),
        Column("groups", JSON, nullable=False),
        Column("is_active", Boolean, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "auth_session",
        Column("id_hash", String(64), primary_key=True),
        Column("username", String(256), ForeignKey("auth_user.username", ondelete="CASCADE"), nullable=False),
        Column("csrf_token", String(64), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )
    op.create_index("auth_session_by_user", "auth_session", ["username"])
    op.create_index("auth_session_by_expiry", "auth_session", ["expires_at"])
    op.create_table(
        "auth_token",
        Column("token_hash", String(64), primary_key=True),
        Column("username", String(256), ForeignKey("auth_user.username", ondelete="CASCADE"), nullable=False),
        Column("name", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("expires_at", DateTime(timezone=True)),
    )
    op.create_index("auth_token_by_user", "auth_token", ["username"])
