"""Who is asking: the signed-in user and what they may do."""

from dataclasses import dataclass

from api.auth.permissions import Permission, Role, permissions_of


@dataclass(frozen=True, slots=True)
class User:
    """`how`: password | token | session | none (authentication is switched off)."""

    username: str
    display_name: str | None = None
    email: str | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    how: str = "none"

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def name(self) -> str:
        return self.display_name or self.username

    def may(self, permission: Permission | str) -> bool:
        return Permission(permission) in self.permissions


LOCAL_USER = User(username="local", display_name="Local user", roles=(Role.ADMIN.value,), how="none")
"""Everybody, when authentication is switched off."""
