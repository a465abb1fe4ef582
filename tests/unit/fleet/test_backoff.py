from scrim.fleet.backoff import BackOff


def test_the_first_start_again_is_at_once_then_waits_grow_to_a_cap() -> None:
    backoff = BackOff()
    waits = [backoff.wait_after(1.0) for _ in range(8)]
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_child_that_ran_for_a_minute_counts_as_well_again() -> None:
    backoff = BackOff()
    for _ in range(5):
        backoff.wait_after(1.0)
    assert backoff.wait_after(61.0) == 0.0
    assert backoff.wait_after(1.0) == 1.0


def test_a_thousand_deaths_do_not_overflow() -> None:
    backoff = BackOff()
    assert [backoff.wait_after(0.0) for _ in range(2000)][-1] == 30.0
