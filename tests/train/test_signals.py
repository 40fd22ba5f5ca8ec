"""A signal asks for a stop; a second one does not wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from framework.train.signals import StopRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_and_the_handlers_come_back(number: signal.Signals):
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert stop.requested is None
        os.kill(os.getpid(), number)
        assert stop.requested == number
    assert signal.getsignal(number) is before


def test_the_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), StopRequest():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGINT) is before


TWICE = """
import os, signal, sys
from framework.train.signals import StopRequest
with StopRequest() as stop:
    os.kill(os.getpid(), signal.SIGINT)
    print(stop.requested, flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
    print("not reached", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_the_process_at_once(number: signal.Signals):
    done = subprocess.run([sys.executable, "-c", TWICE, str(int(number))], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "2\n", "")


def test_outside_of_the_main_thread_nothing_is_touched():
    found = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with StopRequest() as stop:
            found.extend([stop.requested, signal.getsignal(signal.SIGINT) is before])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [None, True]
