"""What a program printed is left in the terminal as it was, but for what the user needn't be told."""

from __future__ import annotations

import io

from gradtui.tui.transcript import Transcript

TRACEBACK = (
    b"Traceback (most recent call last):\r\n"
    b'  File "train.py", line 4, in <module>\r\n'
    b"    time.sleep(9)\r\n"
    b"KeyboardInterrupt\r\n"
)


def left(*printed: bytes, since: int) -> bytes:
    """What is left of all that was printed, where the program was interrupted after so many bytes."""
    transcript, stream = Transcript(), io.BytesIO()
    for data in printed:
        transcript.add(data)
    transcript.forget_interruption(since)
    transcript.add(b"put away\r\n")
    transcript.replay(stream)
    assert transcript.size == len(stream.getvalue())
    transcript.close()
    return stream.getvalue()


def test_a_traceback_is_left_out_and_what_stands_around_it_is_not() -> None:
    found = left(b"epoch 1\r\n", b"saving\r\n" + TRACEBACK + b"saved\r\n", since=9)

    assert found == b"epoch 1\r\nsaving\r\nsaved\r\nput away\r\n"


def test_the_same_text_printed_before_stays() -> None:
    found = left(TRACEBACK, b"saving\r\n", since=len(TRACEBACK))

    assert found == TRACEBACK + b"saving\r\nput away\r\n"


def test_a_traceback_of_the_programs_own_stays() -> None:
    error = TRACEBACK.replace(b"KeyboardInterrupt", b"ValueError: 3")

    meanwhile = b"\r\nDuring handling of the above exception, another exception occurred:\r\n\r\n"

    assert left(error + TRACEBACK, since=0) == error + b"put away\r\n"
    assert left(error + meanwhile + TRACEBACK, since=0) == error + b"put away\r\n"
