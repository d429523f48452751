import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline import workers
from pipeline.workers import done_in_order, on_cores


def doubled(number):
    return 2 * number, os.getpid()


def refused(number):
    if number == 2:
        raise ValueError("two")
    return number


def refused_by_the_system(number):
    raise OSError(number, "no")


def lost(number, here):
    if number == 2 and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def hanging(number, here):
    if os.getpid() != here:
        time.sleep(60)
    return number


def large(number):
    """More than a pipe holds."""
    return np.full(1_000_000, number)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


forks = pytest.mark.skipif(not workers.can_fork(), reason="this system cannot fork safely")

TASKS = [(number,) for number in range(5)]


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 8])
def test_results_come_in_the_order_of_their_tasks(n_jobs):
    assert [result for result, _ in done_in_order(doubled, TASKS, n_jobs=n_jobs)] == [0, 2, 4, 6, 8]


def test_nothing_to_do_is_done():
    assert list(done_in_order(doubled, [], n_jobs=None)) == []


@forks
def test_several_processes_share_the_work_after_the_first_task():
    processes = [process for _, process in done_in_order(doubled, TASKS, n_jobs=2)]
    assert processes[0] == os.getpid()
    assert os.getpid() not in processes[1:]


@forks
def test_with_a_stated_patience_workers_do_all_of_it():
    processes = {process for _, process in done_in_order(doubled, TASKS, n_jobs=2, patience=60)}
    assert os.getpid() not in processes


def test_without_forks_all_is_done_here(monkeypatch):
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    assert {process for _, process in done_in_order(doubled, TASKS, n_jobs=2)} == {os.getpid()}


def test_workers_that_do_not_answer_are_given_up():
    here = os.getpid()
    found = list(done_in_order(hanging, [(number, here) for number in range(5)], n_jobs=2, patience=0.5))
    assert found == [0, 1, 2, 3, 4]


def test_what_goes_wrong_in_a_worker_is_told():
    with pytest.raises(ValueError, match="two"):
        list(done_in_order(refused, TASKS, n_jobs=2))


def test_what_the_system_refuses_a_worker_is_told():
    with pytest.raises(OSError, match="no"):
        list(done_in_order(refused_by_the_system, TASKS, n_jobs=2))


@forks
@pytest.mark.parametrize(("cores", "is_beside"), [(1, False), (2, True)])
def test_one_worker_is_worth_its_start_beside_other_work(cores, is_beside, monkeypatch):
    monkeypatch.setattr(workers, "available_cores", lambda: cores)
    told = []
    mapper = on_cores(100, patience=60, meanwhile=lambda: told.append(os.getpid()))
    found = list(mapper(added, [0]))
    assert found[0][1][0] == 100
    assert (found[0][1][1] != os.getpid()) is is_beside
    assert told == [os.getpid()] * is_beside


def slowly_doubled(number):
    time.sleep(0.1)
    return 2 * number


@forks
def test_workers_of_two_kinds_do_not_take_one_anothers_turns():
    def others():
        assert list(done_in_order(slowly_doubled, [(0,)] * 9, n_jobs=2, patience=60)) == [0] * 9

    found = done_in_order(slowly_doubled, [(number,) for number in range(30)], n_jobs=2, patience=5, meanwhile=others)
    began = time.monotonic()
    assert list(found) == list(range(0, 60, 2))
    assert time.monotonic() - began < 5


@forks
def test_workers_end_where_the_other_work_goes_wrong():
    def wrong():
        raise ValueError("the other work")

    with pytest.raises(ValueError, match="the other work"):
        list(done_in_order(doubled, TASKS, n_jobs=2, patience=60, meanwhile=wrong))
    assert workers.multiprocessing.active_children() == []


@forks
def test_what_a_lost_worker_does_not_do_is_done_here():
    here = os.getpid()
    assert list(done_in_order(lost, [(number, here) for number in range(5)], n_jobs=2)) == [0, 1, 2, 3, 4]


@forks
def test_where_there_is_no_room_for_workers_all_is_done_here(monkeypatch):
    def no_room(self):
        raise BlockingIOError(11, "no room")

    monkeypatch.setattr(workers.multiprocessing.context.ForkProcess, "start", no_room)
    assert {process for _, process in done_in_order(doubled, TASKS, n_jobs=2)} == {os.getpid()}


@pytest.mark.thorough
@forks
@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_nothing_stays_where_not_all_results_are_wanted(wanted):
    """No process, no thread and no pipe, though workers are in the midst of sending what does not fit one."""
    # What is opened once and kept is no leak.
    list(done_in_order(doubled, TASKS, n_jobs=2))
    before = open_files(), threading.active_count()
    with contextlib.closing(done_in_order(large, [(number,) for number in range(6)], n_jobs=3)) as results:
        for number in range(wanted):
            assert (next(results) == number).all()
    assert workers.multiprocessing.active_children() == []
    assert (open_files(), threading.active_count()) == before


@forks
def test_ctrl_c_is_let_through_after_workers_have_started():
    before = signal.getsignal(signal.SIGINT)
    list(done_in_order(doubled, TASKS, n_jobs=2))
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_came_meanwhile_is_not_lost():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    done = []
    try:
        with pytest.raises(KeyboardInterrupt), workers._ctrl_c_waits():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["all of it"]


def added(held, part):
    return held + part, os.getpid()


@forks
@pytest.mark.parametrize(("parts", "has_workers"), [(3, False), (4, True), (9, True)])
def test_parts_are_shared_out_where_each_worker_has_two(parts, has_workers, monkeypatch):
    monkeypatch.setattr(workers, "available_cores", lambda: 2)
    found = list(on_cores(100, patience=60)(added, range(parts)))
    assert [(place, result) for place, (result, _) in found] == [(place, 100 + place) for place in range(parts)]
    assert (os.getpid() not in {process for _, (_, process) in found}) is has_workers


@forks
def test_workers_of_parts_end_where_not_all_are_wanted(monkeypatch):
    monkeypatch.setattr(workers, "available_cores", lambda: 2)
    mapped = on_cores(100, patience=60)(added, range(9))
    assert next(mapped)[0] == 0
    assert len(workers.multiprocessing.active_children()) == 2
    mapped.close()
    assert workers.multiprocessing.active_children() == []


class TwoPartsError(Exception):
    def __init__(self, one, other):
        super().__init__(one)


def refused_in_two_parts(number):
    raise TwoPartsError(number, number)


def test_an_error_that_cannot_be_sent_is_told():
    with pytest.raises(TwoPartsError):
        list(done_in_order(refused_in_two_parts, TASKS, n_jobs=2, patience=60))


@pytest.mark.thorough
def test_the_module_can_be_imported_where_there_are_no_forks():
    code = "import multiprocessing.context as context; del context.ForkProcess; import pipeline.workers"
    subprocess.run([sys.executable, "-c", code], check=True)
