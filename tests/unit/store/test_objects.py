from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

from scrim.errors import ObjectExists, ObjectMissing, StoreError, StoreFull
from scrim.store.objects import ObjectStore


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return ObjectStore.in_folder(tmp_path / "objects")
    return ObjectStore(MemoryStore())


@pytest.fixture
def folder(tmp_path: Path) -> ObjectStore:
    return ObjectStore.in_folder(tmp_path / "objects")


def test_an_object_comes_back(store: ObjectStore) -> None:
    store.put("a/b/c.age", b"content")
    assert store.get("a/b/c.age") == b"content"
    assert store.size("a/b/c.age") == 7
    assert store.exists("a/b/c.age")
    store.put("a/empty", b"")
    assert (store.get("a/empty"), store.size("a/empty")) == (b"", 0)


def test_a_large_object_comes_back(store: ObjectStore) -> None:
    data = os.urandom(1 << 20) * 20
    store.put("large", data)
    assert store.size("large") == len(data)
    assert store.get("large") == data


def test_an_object_is_never_overwritten(store: ObjectStore) -> None:
    store.put("a", b"first")
    with pytest.raises(ObjectExists, match="already stored"):
        store.put("a", b"second")
    assert store.get("a") == b"first"


def test_one_of_many_puts_at_once_wins(store: ObjectStore) -> None:
    won: list[int] = []

    def put(number: int) -> None:
        try:
            store.put("same/key", b"%d" % number * 1000)
            won.append(number)
        except ObjectExists:
            pass

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.get("same/key") == b"%d" % won[0] * 1000


def test_a_range_is_part_of_an_object(store: ObjectStore) -> None:
    store.put("a", b"0123456789")
    assert store.get_range("a", 0, 4) == b"0123"
    assert store.get_range("a", 8, 100) == b"89"
    assert store.get_range("a", 3, 0) == b""
    with pytest.raises(StoreError):
        store.get_range("a", 100, 1)
    with pytest.raises(ValueError, match="range"):
        store.get_range("a", -1, 1)


def test_what_is_missing_says_so(store: ObjectStore) -> None:
    assert not store.exists("no/such")
    for ask in (store.get, store.size, lambda key: store.get_range(key, 0, 1)):
        with pytest.raises(ObjectMissing, match="no object no/such"):
            ask("no/such")


def test_a_list_is_sorted_and_of_whole_parts(store: ObjectStore) -> None:
    for key in ("b/2", "b/1", "a/1", "bb/1", "b/10", "b/c/1"):
        store.put(key, key.encode() * 2)
    assert list(store.list("b")) == [("b/1", 6), ("b/10", 8), ("b/2", 6), ("b/c/1", 10)]
    assert list(store.list("b/")) == list(store.list("b"))
    assert [key for key, _ in store.list("")] == ["a/1", "b/1", "b/10", "b/2", "b/c/1", "bb/1"]
    assert list(store.list("none")) == []


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "a b", "", "a#1", "a/../../x", "X"])
def test_a_name_that_is_no_key_reaches_no_store(store: ObjectStore, key: str) -> None:
    for ask in (store.get, store.size, store.exists, lambda k: store.put(k, b"x")):
        with pytest.raises(ValueError, match="not an object key"):
            ask(key)


def test_an_interrupted_put_leaves_no_object(folder: ObjectStore, tmp_path: Path) -> None:
    folder.put("sealed/a.age", b"whole")
    left = tmp_path / "objects" / "sealed" / "b.age#1"
    left.write_bytes(b"half")
    assert list(folder.list("")) == [("sealed/a.age", 5)]
    assert list(folder.leftovers()) == ["sealed/b.age#1"]
    folder.put("sealed/b.age", b"again")
    assert folder.get("sealed/b.age") == b"again"
    folder.remove_leftover("sealed/b.age#1")
    folder.remove_leftover("sealed/b.age#1")  # gone already
    assert list(folder.leftovers()) == []
    assert folder.get("sealed/b.age") == b"again"


@pytest.mark.parametrize("name", ["sealed/a.age", "../x#1", "/etc/x#1", "a#", "a#x", "#1"])
def test_only_a_leftover_is_removed_as_one(folder: ObjectStore, name: str, tmp_path: Path) -> None:
    folder.put("sealed/a.age", b"whole")
    with pytest.raises(ValueError, match="staging"):
        folder.remove_leftover(name)
    assert folder.exists("sealed/a.age")


def test_a_store_that_is_no_folder_has_no_leftovers() -> None:
    store = ObjectStore(MemoryStore())
    assert list(store.leftovers()) == []
    with pytest.raises(ValueError, match="staging"):
        store.remove_leftover("a#1")


_PUTTER = """
import sys
from pathlib import Path
from scrim.store.objects import ObjectStore
store = ObjectStore.in_folder(Path(sys.argv[1]))
number = int(sys.argv[2])
print("ready", flush=True)
while True:
    store.put(f"a/{number:06d}", b"%06d" % number * 50000)
    number += 1
"""


def test_a_killed_put_leaves_whole_objects_only(folder: ObjectStore, tmp_path: Path) -> None:
    for turn in range(5):
        command = [sys.executable, "-c", _PUTTER, str(tmp_path / "objects"), str(turn * 1000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as putter:
            assert putter.stdout is not None
            putter.stdout.readline()
            while not folder.exists(f"a/{turn * 1000 + turn:06d}"):
                assert putter.poll() is None
            putter.send_signal(signal.SIGKILL)
    found = list(folder.list(""))
    assert len(found) >= 5 + 10
    for key, size in found:
        assert size == 300_000
        assert folder.get(key) == key[2:].encode() * 50_000
    for name in folder.leftovers():
        folder.remove_leftover(name)
    assert [key for key, _ in folder.list("")] == [key for key, _ in found]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can only be mounted by root: run the tests as root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_says_so_and_stores_nothing(small_disk: Path) -> None:
    store = ObjectStore.in_folder(small_disk / "objects")
    store.put("a/first", b"x" * 500_000)
    with pytest.raises(StoreFull, match="no space"):
        store.put("a/second", b"x" * 900_000)
    assert not store.exists("a/second")
    assert store.get("a/first") == b"x" * 500_000
    assert list(store.leftovers()) == []  # or a full disk would stay full
    store.put("a/second", b"x" * 100_000)  # room again: the put can be tried again


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be used"):
        ObjectStore.in_folder(tmp_path / "file" / "objects")


def test_other_readers_find_the_objects(folder: ObjectStore, tmp_path: Path) -> None:
    folder.put("a/b", b"plain file")
    assert (tmp_path / "objects" / "a" / "b").read_bytes() == b"plain file"
    again = obstore.store.LocalStore(tmp_path / "objects")
    assert bytes(obstore.get(again, "a/b").bytes()) == b"plain file"
