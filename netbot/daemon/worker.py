"""A worker: one sphere's daemon process, with two jobs and nothing else in its hands."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from netbot import app, clock, digest, engine, log
from netbot.app import Sphere
from netbot.daemon.clockstep import ClockStep, steady_s
from netbot.daemon.stop import Stop
from netbot.model import Damaged, NetbotError, StoredPost, StoreError, UsageError
from netbot.network import Network
from netbot.ops import daily, damage
from netbot.store import acts, houses

#: How often a worker asks which sources are due, in seconds.
WATCH_EVERY_S = 60

#: How often it looks for cards to wake and acts to perform, in seconds.
PERFORM_EVERY_S = 2

#: How long after the last time the posts of waiting cards are looked at again.
AGAIN_AFTER = timedelta(days=1)

#: How often a job that goes on as before writes down that it does, in seconds.
BEAT_EVERY_S = 15

#: A heartbeat older than this means that a job hangs, in seconds.
STALE_S = {"watch": 600, "perform": 60}

#: How often a worker makes sure that it still has a supervisor, in seconds.
PARENT_EVERY_S = 1

#: How often the database is read from end to end, besides at every start, in seconds.
CHECK_EVERY_S = 7 * 24 * 3600

#: After SIGTERM a job may take this long to finish, in seconds; what it had committed stays.
GRACE_S = 5

#: How much of what went wrong is kept, in characters.
LONGEST_NOTE = 500

#: Libraries that would tell of every tick and every step; their errors are told.
TALKATIVE = ("alembic", "apscheduler", "httpcore", "httpx")


class Worker:
    """The jobs of one sphere. They run in threads of their own; each does one thing at a time."""

    def __init__(self, sphere: Sphere) -> None:
        self.sphere = sphere
        self.stopping = threading.Event()
        self.broken = ""  # what is wrong with the database: then nothing is done any more
        self._check_at = 0.0  # steady seconds; when the database is to be read next
        self._seen = ""  # fingerprint of the files as they were read last
        self._fault = ""  # what is wrong with those files
        self._step = -1  # of all acts, when claims were last let go
        self._beats: dict[str, tuple[float, str]] = {}  # job -> monotonic seconds, fault
        self._clock = ClockStep(clock.now())
        with sphere.store.read() as tx:
            self._clock.resume(houses.clocks(tx))

    def watch(self) -> None:
        """Read changed files, then look at what is due."""
        self._tick("watch", self._watch)

    def perform(self) -> None:
        """Let time have its say on cards and approvals."""
        self._tick("perform", self._perform)

    def check(self) -> None:
        """Read the whole database, when a week has passed. Raises ``Damaged``."""
        if steady_s() >= self._check_at:
            found = damage.look(self.sphere.store, self.sphere.folder)
            if found:
                raise Damaged(found)
            self._check_at = steady_s() + CHECK_EVERY_S

    def reread(self, now: datetime) -> str:
        """Take over changed files; a mistake in them keeps what was good, and is returned."""
        seen = app.fingerprint(self.sphere.home, self.sphere.name)
        if seen != self._seen:
            self._fault = self._take_over(now)
            self._seen = seen
        return self._fault

    def _take_over(self, now: datetime) -> str:
        try:
            self.sphere.refresh(now)
        except UsageError as error:
            log.error("configuration has errors; the last good one stays", error=str(error))
            return f"the last good configuration stays until this is mended: {error}"
        log.info("configuration read")
        return ""

    def _tick(self, job: str, work: Callable[[datetime], str]) -> None:
        """Run a job, and write down how it ended: only a damaged database ends the worker."""
        if self.broken:
            return
        try:
            fault = work(clock.now())
        except Damaged as error:
            self.broken = damage.find(self.sphere.folder) or damage.note(
                self.sphere.folder, str(error)
            )
            return
        except NetbotError as error:
            log.error("job failed", job=job, error=str(error))
            fault = str(error)
        except Exception as error:  # noqa: BLE001
            log.error("job failed", cause=error, job=job)
            fault = f"{type(error).__name__}: {error}"
        self._beat(job, " ".join(log.redact(fault).split())[:LONGEST_NOTE])

    def _beat(self, job: str, fault: str) -> None:
        """A job that runs every other second need not wear the disk as often."""
        at, before = self._beats.get(job, (0.0, None))
        if fault == before and monotonic() - at < BEAT_EVERY_S:
            return
        try:
            with self.sphere.store.write() as tx:
                houses.beat(tx, job, clock.now(), ok=not fault, note=fault)
        except StoreError as error:  # silence tells it as well
            log.error("no heartbeat", job=job, error=str(error))
            return
        self._beats[job] = monotonic(), fault

    def _watch(self, now: datetime) -> str:
        fault = self.reread(now)
        sphere = self.sphere
        self._follow_clock(now)
        self.check()
        short = sphere.shortage(sphere.house.watch_free_mb, "no source is looked at")
        if short:
            return short
        fault = self._keep_copy(now) or fault
        report = engine.watch(
            sphere.store,
            sphere.networks,
            sphere.desk,
            now,
            stopped=self.stopping.is_set,
            present=clock.now,
        )
        if report.looked:
            log.info(
                "watched",
                sources=report.looked,
                new=report.new,
                changed=report.changed,
                suggested=report.suggested,
                failed=len(report.errors),
            )
        for address, error in report.errors.items():
            log.warning("source failed", address=address, error=error)
        self._look_again(now)
        return digest.send_due(sphere, now) or fault

    def _keep_copy(self, now: datetime) -> str:
        """A copy that cannot be made is told, and keeps nobody from watching."""
        try:
            copied = daily.keep_copy(self.sphere.folder, now)
        except Damaged:
            raise
        except (StoreError, OSError) as error:
            return f"no copy of the database could be made: {error}"
        if copied:
            log.info("database copied", file=copied.name)
        return ""

    def _look_again(self, now: datetime) -> None:
        """Once a day, see whether the posts about which cards wait still stand where they stood."""
        store = self.sphere.store
        with store.read() as tx:
            before = next((beat.at for beat in houses.pulse(tx) if beat.job == "reread"), None)
        if before is not None and now - before < AGAIN_AFTER:
            return
        with store.write() as tx:
            houses.beat(tx, "reread", now, ok=True)
        if before is not None:
            for card in engine.vanish(store, self.sphere.desk, self._reread, now):
                log.info("the post is gone, and its card with it", card=card)

    def _reread(self, post: StoredPost) -> None:
        """Whoever brought a post looks again: mail, for one, never asks where its links lead."""
        network = self.sphere.networks.get(post.source.network)
        if network is not None:
            network.reread(post.post)

    def _follow_clock(self, now: datetime) -> None:
        step = self._clock.since_last(now)
        if step:
            log.warning("the clock was set", by_s=round(step.total_seconds()))
            engine.follow_clock(self.sphere.store, step)
        with self.sphere.store.write() as tx:
            houses.keep_clocks(tx, self._clock.mark)

    def _perform(self, now: datetime) -> str:
        sphere = self.sphere
        changed = engine.settle(sphere.store, now)
        if changed:
            log.info("time had its say", changed=changed)
        actors = sphere.actors
        able = engine.vouch(sphere.store, sphere.house, actors, now)
        done = asdict(engine.send(sphere.store, sphere.hall, able, now))
        if any(done.values()):
            log.info("performed", **done)
        self._let_go()
        self._hear(actors, now)
        if (day := engine.open_day(sphere.store, sphere.house, now)) is not None:
            log.info("the day is open", date=day.isoformat())
        return sphere.shortage(sphere.house.act_free_mb, "nothing leaves")

    def _hear(self, actors: Mapping[str, Network], now: datetime) -> None:
        """One account at a time: what is to leave must not wait for long.

        By rules that cannot be read nobody's words are judged; what was missed is heard later.
        """
        sphere = self.sphere
        if self._fault or sphere.shortage(sphere.house.watch_free_mb, "nobody is asked"):
            return
        heard = engine.hear(sphere.store, sphere.desk, actors, now, most=1)
        if heard.kept:
            log.info("heard", kept=heard.kept, cards=heard.cards)
        for account, error in heard.errors.items():
            log.warning("account not heard", account=account, error=error)

    def _let_go(self) -> None:
        """Whenever an act took a step, other spheres may act where none of ours stands any more."""
        with self.sphere.store.read() as tx:
            step = acts.last_step(tx)
        if step != self._step:
            engine.release(self.sphere.store, self.sphere.hall)
            self._step = step


def work(home: Path, name: str) -> None:
    """Be the worker of a sphere until SIGTERM, or until its supervisor has died.

    What keeps it from working (another process works for the sphere, there never was a good
    configuration) stands in the log, and its code is the process's.
    """
    log.configure(sphere=name)
    log.redact_crashes()
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(logging.ERROR)
    stop = Stop()
    try:
        with (
            app.open_sphere(home, name, clock.now(), secrets=True) as sphere,
            sphere.store.alone("executor", wait=False),
        ):
            worker = Worker(sphere)
            worker.check()
            _run(worker, stop)
    except NetbotError as error:
        if isinstance(error, Damaged) and not damage.find(app.data_folder(home, name)):
            damage.note(app.data_folder(home, name), str(error))
        log.error("cannot work", error=str(error))
        raise SystemExit(error.exit_code) from error


def _run(worker: Worker, stop: Stop) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    worker.reread(clock.now())
    scheduler = BackgroundScheduler(timezone="UTC")
    every_s = max(1, min(WATCH_EVERY_S, worker.sphere.house.min_interval_s))
    for job, seconds in ((worker.watch, every_s), (worker.perform, PERFORM_EVERY_S)):
        scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            next_run_time=clock.now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    log.info("worker started", watch_every_s=every_s)
    while not (worker.broken or stop.wait(PARENT_EVERY_S)):
        pass
    worker.stopping.set()
    log.info("worker stops")
    ending = threading.Thread(target=scheduler.shutdown, daemon=True)
    ending.start()
    ending.join(GRACE_S)
    if ending.is_alive():  # a look that waits for a slow server has nothing half-done
        log.warning("a look was cut short")
        os._exit(1 if worker.broken else 0)
    if worker.broken:
        raise Damaged(worker.broken)


def find_faults(sphere: Sphere, now: datetime) -> list[str]:
    """What is wrong with a sphere's worker; empty when both jobs beat and end well."""
    with sphere.store.read() as tx:
        beats = {beat.job: beat for beat in houses.pulse(tx)}
    found = damage.find(sphere.folder)
    faults = [f"{sphere.name}: {found}"] if found else []
    for job, stale_s in STALE_S.items():
        beat = beats.get(job)
        if beat is None:
            faults.append(f"{sphere.name}: the {job} job has never run; start `netbot run`")
        elif now - beat.at > timedelta(seconds=stale_s):
            faults.append(f"{sphere.name}: the {job} job has been silent since {beat.at:%F %T} UTC")
        elif not beat.ok:
            faults.append(f"{sphere.name}: the {job} job reports: {beat.note}")
    return faults
