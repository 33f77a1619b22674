"""What botocore raises, in the words of the ports: missing, away, or refused with what to change."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from rapport_chassis.blobs import BlobMissing
from rapport_chassis.db import DiskFull, EngineUnavailable

_KEYS: Final = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_REGION: Final = "the region is another one: set region= in RAPPORT_BLOB_URL"
_RIGHTS: Final = (
    "the bucket does not let us: it takes the rights s3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, "
    "s3:DeleteObject and s3:AbortMultipartUpload"
)
_REFUSALS: Final[Mapping[str, str]] = {
    "NoSuchBucket": "there is no such bucket: make it, or correct RAPPORT_BLOB_URL",
    "InvalidBucketName": "no bucket can have this name: correct RAPPORT_BLOB_URL",
    "InvalidAccessKeyId": f"it does not know us: correct {_KEYS}",
    "SignatureDoesNotMatch": f"it does not know us: correct {_KEYS}",
    "ExpiredToken": "the session is over: renew AWS_SESSION_TOKEN",
    "InvalidToken": "it does not know the session: correct AWS_SESSION_TOKEN",
    "AccessDenied": _RIGHTS,
    "AllAccessDisabled": _RIGHTS,
    "RequestTimeTooSkewed": "the clocks of this machine and of the server differ too much",
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "NotImplemented": "it is no server of S3 that Rapport could use",
}
_AWAY: Final = {"RequestTimeout", "SlowDown", "NoSuchUpload", "PreconditionFailed", "412"}


class Refused(EngineUnavailable):
    """S3 answers, but not to us as we are set up; the message says what to change."""


@contextlib.contextmanager
def told(shown: str, key: str = "") -> Iterator[None]:
    """Turn what botocore raises about the store `shown` into `BlobMissing`, `Refused` or `EngineUnavailable`."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Refused(f"S3: {shown}: nobody says who we are: set {_KEYS}") from error
    except NoRegionError as error:
        raise Refused(f"S3: {shown}: {_REGION}") from error
    except BotoCoreError as error:
        raise EngineUnavailable(f"S3: {shown}: {error}") from error
    except ClientError as error:
        raise _answered(error, shown, key) from error


def _answered(error: ClientError, shown: str, key: str) -> Exception:
    """What an answer of the server means."""
    answer: Mapping[str, Any] = error.response
    code: str = answer["Error"]["Code"]
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    if key and (code == "NoSuchKey" or (code == "404" and error.operation_name == "HeadObject")):
        return BlobMissing(key)
    if code in _REFUSALS:
        return Refused(f"S3: {shown}: {code}: {_REFUSALS[code]}")
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return DiskFull(f"S3: {shown}: it has no room for {error.operation_name}: {code}")
    if code in _AWAY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return EngineUnavailable(f"S3: {shown}: it cannot do {error.operation_name} now: {code}")
    return Refused(f"S3: {shown}: {error}")
