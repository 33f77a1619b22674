"""A restored installation starts held: what it calls unfinished may have been sent after the backup was made (R11)."""

from __future__ import annotations

from rapport_chassis.db import Tx
from rapport_chassis.jobs import steer
from rapport_messaging.store import sending

from .send import JOB


def start_held(tx: Tx) -> None:
    """Messages under way become `unknown`, to be asked for; unfinished sending jobs are paused until a person resumes them.

    The jobs because their ledgers do not know whom they wrote to since the backup: going on would write to them again.
    """
    sending.distrust(tx)
    for job_id in sending.unfinished_jobs(tx.conn, JOB):
        steer(tx, job_id, "pause")
