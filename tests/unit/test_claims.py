"""One object on a network is acted upon from one sphere only."""

import stat
import threading

import pytest

from netbot.claims import Claims
from netbot.model import PolicyRefused, StoreError

POST = "https://acme.example/a"


def test_what_one_sphere_took_no_other_takes(tmp_path):
    mine, theirs = Claims(tmp_path, "professional"), Claims(tmp_path, "private")
    assert mine.take(POST)
    assert not mine.take(POST)
    with pytest.raises(PolicyRefused, match="one object is acted upon from one sphere only"):
        theirs.take(POST)
    assert theirs.take("https://acme.example/b")


@pytest.mark.parametrize(
    "spelling",
    ["http://acme.example/a", "https://ACME.example/a/", "https://acme.example/a?utm_source=x#c"],
)
def test_another_spelling_is_the_same_object(tmp_path, spelling):
    Claims(tmp_path, "professional").take(POST)
    with pytest.raises(PolicyRefused):
        Claims(tmp_path, "private").take(spelling)


def test_what_is_no_web_address_can_be_claimed_too(tmp_path):
    Claims(tmp_path, "professional").take("at://did:plc:abc/1")
    with pytest.raises(PolicyRefused):
        Claims(tmp_path, "private").take("at://did:plc:abc/1")


def test_only_my_own_claims_are_released_and_only_dead_ones(tmp_path):
    mine, theirs = Claims(tmp_path, "professional"), Claims(tmp_path, "private")
    for name in "abc":
        mine.take(f"https://acme.example/{name}")
    theirs.take("https://acme.example/d")
    assert mine.keep_only(["http://acme.example/a"]) == 2
    assert theirs.take("https://acme.example/b")
    with pytest.raises(PolicyRefused):
        theirs.take("https://acme.example/a")
    with pytest.raises(PolicyRefused):
        mine.take("https://acme.example/d")


def test_nothing_in_the_folder_tells_who_or_what(tmp_path):
    Claims(tmp_path, "professional").take(POST)
    (claim,) = (tmp_path / "claims").iterdir()
    told = claim.name + claim.read_text()
    assert "professional" not in told
    assert "acme" not in told
    assert stat.S_IMODE((tmp_path / "claims").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "claims.key").stat().st_mode) == 0o600


def test_of_many_at_once_one_wins(tmp_path):
    spheres = [f"s{n}" for n in range(8)]
    start, won = threading.Barrier(len(spheres)), []

    def race(sphere):
        start.wait()
        claims = Claims(tmp_path, sphere)
        for n in range(20):
            try:
                claims.take(f"https://acme.example/{n}")
                won.append(n)
            except PolicyRefused:
                continue

    racers = [threading.Thread(target=race, args=(sphere,)) for sphere in spheres]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(won) == list(range(20))
    assert len(list((tmp_path / "claims").iterdir())) == 20


def test_a_claim_that_was_half_written_is_nobodys(tmp_path):
    mine = Claims(tmp_path, "professional")
    (tmp_path / "claims" / ".half").write_text("")
    assert mine.keep_only([]) == 0
    assert mine.take(POST)


def test_a_damaged_key_is_told(tmp_path):
    (tmp_path / "claims.key").write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        Claims(tmp_path, "professional")


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "claims").write_text("a file")
    with pytest.raises(StoreError, match="cannot be used"):
        Claims(tmp_path, "professional")


def test_where_nothing_can_be_written_nothing_is_claimed(tmp_path):
    mine = Claims(tmp_path, "professional")
    (tmp_path / "claims").rmdir()
    with pytest.raises(StoreError, match="cannot be written"):
        mine.take(POST)
