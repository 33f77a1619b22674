"""The bodies of identity's routes, as api.md words them; unknown fields are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rapport_contracts import permissions
from rapport_identity.domain.passwords import LONGEST, SHORTEST

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s.]+$"),
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
NewSecret = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Username = Annotated[str, StringConstraints(min_length=2, max_length=64)]
Permissions = Annotated[
    list[Annotated[str, Field(json_schema_extra={"enum": list(permissions.ALL)})]], Field(max_length=200)
]


class Body(BaseModel):
    """What is sent: a field that is not known is an error, not a wish that is silently dropped."""

    model_config = ConfigDict(extra="forbid")


class GroupAccessBody(Body):
    """Rights on the customers of a group and all its subgroups; `edit` and `remove` imply `view`."""

    group_id: Id
    view: bool = True
    edit: bool = False
    remove: bool = False


Access = Annotated[list[GroupAccessBody], Field(max_length=1_000)]
RoleIds = Annotated[list[Id], Field(max_length=50)]


class SignInBody(Body):
    """A username and its password."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"username": "master", "password": "…"}]})

    username: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Secret


class PasswordBody(Body):
    """The old password and the new one."""

    old: Secret
    new: NewSecret


class NewUser(Body):
    """A user; without `password` one is made, shown once in the answer and to be changed at the first sign-in."""

    username: Username
    name: Name | None = None
    email: Email | None = None
    roles: RoleIds = []
    group_access: Access = []
    disabled: bool = False
    password: NewSecret | None = None


class UserPatch(Body):
    """A merge patch (RFC 7396): what is left out stays; arrays are replaced whole."""

    username: Username = ""
    name: Name | None = None
    email: Email | None = None
    roles: RoleIds = []
    group_access: Access = []
    disabled: bool = False
    password: NewSecret = ""


class UserIds(Body):
    """Up to 500 ids."""

    ids: Annotated[list[Id], Field(max_length=500)]


class NewRole(Body):
    """A role of one's own; `group_access` null means every group."""

    name: Name
    permissions: Permissions = []
    group_access: Access | None = []


class RolePatch(Body):
    """A merge patch of a role."""

    name: Name = ""
    permissions: Permissions = []
    group_access: Access | None = []


class NewApiKey(Body):
    """A key for the caller; `permissions` null or left out: whatever the caller may."""

    name: Name
    permissions: Permissions | None = None


class SettingsPatch(Body):
    """A merge patch of the workspace's settings."""

    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "US"
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    language: Literal["en", "fa"] = "en"
    calendar: Literal["gregorian", "jalali"] = "gregorian"


class Credential(Body):
    """What the gateway was shown: a session token or an API key."""

    session: Secret | None = None
    api_key: Secret | None = None


class AuditEntry(Body):
    """An entry that the gateway writes for another service: a read of an export (G3)."""

    action: Literal["export_read"]
    subject_type: Name
    subject_id: Annotated[str, StringConstraints(max_length=200)] | None = None
    details: dict[str, Any] = {}


class GroupAccessOut(BaseModel):
    """Rights on a group."""

    group_id: str
    view: bool
    edit: bool
    remove: bool


class UserOut(BaseModel):
    """A user."""

    id: str
    username: str
    name: str | None
    email: str | None
    roles: list[str]
    group_access: list[GroupAccessOut]
    disabled: bool
    password_change_required: bool
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    password: str | None = Field(default=None, description="a made one, shown only in the answer that made it")


class UserName(BaseModel):
    """What everybody may know of a user."""

    id: str
    username: str
    name: str | None
    removed: bool


class RoleOut(BaseModel):
    """A role; `group_access` null means every group."""

    id: str
    name: str
    permissions: list[str]
    group_access: list[GroupAccessOut] | None
    built_in: bool
    version: int


class ApiKeyOut(BaseModel):
    """An API key as lists show it."""

    id: str
    user_id: str
    name: str
    hint: str = Field(description="the key's last four characters")
    permissions: list[str] | None
    created_at: datetime
    last_used_at: datetime | None
    version: int


class NewApiKeyOut(ApiKeyOut):
    """A new API key; `key` is shown here and never again."""

    key: str


class SettingsOut(BaseModel):
    """The workspace's settings."""

    region: str
    time_zone: str
    language: Literal["en", "fa"]
    calendar: Literal["gregorian", "jalali"]
    version: int


class SessionOut(BaseModel):
    """One of the caller's sign-ins."""

    id: str
    current: bool
    ip: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SignedInOut(BaseModel):
    """The answer to a sign-in; the session itself is in the cookie."""

    user: UserOut
    csrf_token: str


class MeOut(BaseModel):
    """Who the caller is and may do; `csrf_token` is null for an API key."""

    user: UserOut
    roles: list[RoleOut]
    permissions: list[str]
    settings: SettingsOut
    csrf_token: str | None
    password_change_required: bool


class PermissionSection(BaseModel):
    """Permissions that belong together."""

    section: str
    title: str
    permissions: list[str]


class AuditOut(BaseModel):
    """An entry of the audit log."""

    id: str
    at: datetime
    action: str
    actor_id: str | None
    via: str | None
    subject_type: str | None
    subject_id: str | None
    ip: str | None
    request_id: str | None
    details: dict[str, Any]


class ListOf(BaseModel):
    """A page."""

    next: str | None


class UserList(ListOf):
    """Users."""

    items: list[UserOut]


class UserNames(ListOf):
    """Names of users."""

    items: list[UserName]


class RoleList(ListOf):
    """Roles."""

    items: list[RoleOut]


class ApiKeyList(ListOf):
    """API keys."""

    items: list[ApiKeyOut]


class SessionList(ListOf):
    """Sessions."""

    items: list[SessionOut]


class PermissionList(ListOf):
    """All permissions by section."""

    items: list[PermissionSection]


class AuditList(ListOf):
    """Audit entries."""

    items: list[AuditOut]
