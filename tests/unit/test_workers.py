import os

import pytest

from pipeline import workers
from pipeline.workers import done_in_order


def doubled(number):
    return 2 * number, os.getpid()


def refused(number):
    if number == 2:
        raise ValueError("two")
    return number


TASKS = [(number,) for number in range(5)]


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 8])
def test_results_come_in_the_order_of_their_tasks(n_jobs):
    assert [result for result, _ in done_in_order(doubled, TASKS, n_jobs=n_jobs)] == [0, 2, 4, 6, 8]


def test_nothing_to_do_is_done():
    assert list(done_in_order(doubled, [], n_jobs=None)) == []


@pytest.mark.skipif(not workers._can_fork(), reason="this system cannot fork safely")
def test_several_processes_share_the_work_after_the_first_task():
    processes = [process for _, process in done_in_order(doubled, TASKS, n_jobs=2)]
    assert processes[0] == os.getpid()
    assert os.getpid() not in processes[1:]


def test_without_forks_all_is_done_here(monkeypatch):
    monkeypatch.setattr(workers, "_can_fork", lambda: False)
    assert {process for _, process in done_in_order(doubled, TASKS, n_jobs=2)} == {os.getpid()}


def test_workers_that_do_not_answer_are_given_up(monkeypatch):
    forked = workers._forked
    monkeypatch.setattr(workers, "_forked", lambda work, tasks, n_jobs, _: forked(work, tasks, n_jobs, 1e-4))
    assert [result for result, _ in done_in_order(doubled, TASKS, n_jobs=2)] == [0, 2, 4, 6, 8]


def test_what_goes_wrong_in_a_worker_is_told():
    with pytest.raises(ValueError, match="two"):
        list(done_in_order(refused, TASKS, n_jobs=2))
