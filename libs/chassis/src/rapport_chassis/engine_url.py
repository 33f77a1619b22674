"""The URL of an engine as an environment variable says it: what is wrong is told to who wrote it, without the password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from rapport_chassis.adapters import WrongSetting


@dataclass(frozen=True, slots=True)
class EngineUrl:
    """`scheme://[user[:password]@]place[/path][?option=value&…]`, read; the methods raise `WrongSetting`.

    `options` are those that were given. `user` and `password` are decoded, "" when they are not there.
    """

    variable: str
    scheme: str
    user: str
    password: str = field(repr=False)
    place: str
    path: str
    options: Mapping[str, str]

    def wrong(self, words: str) -> WrongSetting:
        """The refusal, naming the variable."""
        return WrongSetting(f"{self.variable}: {words}")

    def nodes(self, usual_port: int) -> tuple[tuple[str, int], ...]:
        """The hosts and ports of a place that names some, separated by commas."""
        return tuple(self._node(one, usual_port) for one in self.place.split(","))

    def number(self, name: str, usual: int, most: int) -> int:
        """An option from 1 to `most`."""
        text = self.options.get(name, str(usual))
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise self.wrong(f"{name} must be a number from 1 to {most}, not {text!r}")
        return int(text)

    def choice(self, name: str, known: Sequence[str]) -> str:
        """An option that is one of `known`, the first without it."""
        text = self.options.get(name, known[0])
        if text not in known:
            raise self.wrong(f"{name} must be one of {', '.join(known)}, not {text!r}")
        return text

    def _node(self, text: str, usual_port: int) -> tuple[str, int]:
        split = urlsplit(f"//{text}")
        try:
            port = usual_port if split.port is None else split.port
        except ValueError:
            port = 0
        if not split.hostname or port == 0:
            raise self.wrong(f"{text!r} is no host:port")
        return split.hostname, port


def read_engine_url(variable: str, url: str, form: str, schemes: Sequence[str], options: Sequence[str]) -> EngineUrl:
    """Read the URL. `form` shows how it must be. Raises `WrongSetting` for another scheme, no place, and unknown options."""
    split = urlsplit(url)
    account, _, place = split.netloc.rpartition("@")
    if split.scheme not in schemes or not place or split.fragment:
        raise WrongSetting(f"{variable}: it must be {form}")
    user, _, password = account.partition(":")
    given = dict(parse_qsl(split.query, keep_blank_values=True))
    read = EngineUrl(variable, split.scheme, unquote(user), unquote(password), place, split.path, given)
    if unknown := given.keys() - set(options):
        raise read.wrong(f"it takes {', '.join(options[:-1])} and {options[-1]}, not {', '.join(sorted(unknown))}")
    return read
