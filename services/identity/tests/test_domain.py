"""The rules of identity, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rapport_contracts.permissions import ALL
from rapport_identity.domain.lockout import PER_USER, Attempts, Policy
from rapport_identity.domain.passwords import make_password, password_fault
from rapport_identity.domain.permissions import catalogue
from rapport_identity.domain.rights import Holder, added_access, merged_access
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.domain.tokens import fingerprint, new_api_key, new_token
from rapport_identity.domain.usernames import username_fault, username_key

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "too_short"),
        ("x" * 257, "too_long"),
        ("Password123!", "too_common"),
        ("qwertyuiop", "too_common"),
        ("12345678", "too_common"),
        ("aaaaaaaaaaaa", "too_common"),
        ("11223344", "too_common"),
        ("maryam1402", "like_username"),
    ],
)
def test_guessable_passwords_are_refused(password: str, code: str) -> None:
    """G1."""
    fault = password_fault(password, username="Maryam")
    assert fault is not None
    assert fault[0] == code


@pytest.mark.parametrize("password", ["correct horse battery", "گذرواژه خوب من", "Tr0ub4dor&3", "8hj2-kk9s-0a"])
def test_long_or_odd_passwords_are_taken(password: str) -> None:
    assert password_fault(password, username="maryam") is None


def test_a_made_password_obeys_the_rules_and_never_repeats() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert all(password_fault(password, username="master") is None for password in made)
    assert make_password(b"s" * 32) == make_password(b"s" * 32) != make_password(b"t" * 32)


def test_usernames_are_one_in_all_spellings() -> None:
    assert username_key(" Ａli ") == username_key("ali") == "ali"
    assert username_fault("رضا.احمدی") is None
    assert username_fault("a@b.c") is None
    assert username_fault("a") is not None
    assert username_fault("with space") is not None
    assert username_fault("x" * 65) is not None


def test_free_failures_then_waits_that_double_and_end() -> None:
    """R14."""
    attempts, waits = Attempts(), []
    at = NOW
    for _ in range(14):
        attempts = attempts.failed(at, PER_USER)
        waits.append(attempts.seconds_locked(at))
        at += timedelta(seconds=attempts.seconds_locked(at))
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900]


def test_failures_are_forgotten_after_the_window() -> None:
    policy = Policy(allowed=2)
    once = Attempts().failed(NOW, policy)
    assert once.failed(NOW + policy.window, policy).seconds_locked(NOW + policy.window) == 30
    later = NOW + policy.window + timedelta(seconds=1)
    assert once.failed(later, policy).seconds_locked(later) == 0


def test_a_session_ends_by_age_and_by_idleness() -> None:
    policy = SessionPolicy(lifetime=timedelta(days=2), idle=timedelta(hours=1))
    ends = NOW + policy.lifetime
    assert not policy.is_over(now=NOW + timedelta(minutes=59), expires_at=ends, last_seen_at=NOW)
    assert policy.is_over(now=NOW + timedelta(minutes=60), expires_at=ends, last_seen_at=NOW)
    assert policy.is_over(now=ends, expires_at=ends, last_seen_at=ends)


def test_tokens_are_random_and_kept_as_hashes() -> None:
    assert new_token() != new_token()
    key = new_api_key()
    assert key.startswith("rpk_")
    assert key not in fingerprint(key)
    assert len(fingerprint(key)) == 64
    assert new_api_key(b"s" * 32) == new_api_key(b"s" * 32)


def test_nobody_holds_more_groups_than_given() -> None:
    holder = Holder(frozenset({"a"}), {"view": None, "edit": frozenset({"g"}), "remove": frozenset()})
    assert holder.missing_for(["a", "b"]) == ["b"]
    assert holder.covers_access([{"group_id": "g", "view": True, "edit": True}])
    assert holder.covers_access([{"group_id": "other", "view": True}])
    assert not holder.covers_access([{"group_id": "other", "edit": True}])
    assert not holder.covers_access([{"group_id": "g", "remove": True}])
    assert not holder.covers_access(None)


def test_only_what_is_new_in_group_access_counts() -> None:
    before = [{"group_id": "g", "view": True, "edit": False, "remove": False}]
    after = [{"group_id": "g", "view": True, "edit": True, "remove": False}]
    assert added_access(before, after) == [{"group_id": "g", "view": False, "edit": True, "remove": False}]
    assert added_access(before, before) == []
    assert added_access(None, after) == []
    assert added_access(before, None) is None


def test_group_access_is_one_entry_a_group_and_edit_implies_view() -> None:
    merged = merged_access([{"group_id": "g", "edit": True}, {"group_id": "h"}, {"group_id": "g", "remove": True}])
    assert merged == [{"group_id": "g", "view": True, "edit": True, "remove": True}]


def test_every_permission_is_in_exactly_one_section() -> None:
    listed = [name for section in catalogue() for name in section["permissions"]]  # type: ignore[attr-defined]
    assert sorted(listed) == sorted(ALL)
