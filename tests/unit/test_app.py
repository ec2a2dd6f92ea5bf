"""Wiring one sphere: what is found, what is kept, what is given back."""

from dataclasses import replace

import pytest

from netbot import app, clock
from netbot.model import ConfigError, StoreError, UnknownId, UsageError
from netbot.store import houses

NETBOT = "rules: {shipped: false}\n"


@pytest.fixture
def home(tmp_path):
    write(tmp_path, "config/netbot.yaml", NETBOT)
    write(tmp_path, "config/private.yaml", "clients: [{id: choir, name: Chor}]\n")
    write(tmp_path, "config/professional.yaml", "clients: []\n")
    return tmp_path


def write(home, name, text):
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def open_private(home, **options):
    return app.open_sphere(home, "private", clock.now(), **options)


def clients(sphere):
    return [client.id for client in sphere.house.clients]


def test_spheres_are_the_files_that_can_be_one(home):
    for name in ("Family.yaml", "my stuff.yaml", "x.example.yaml", ".hidden.yaml", "old.yml"):
        write(home, f"config/{name}", "clients: []\n")
    assert app.sphere_names(home) == ("private", "professional")
    with pytest.raises(UsageError, match="`netbot init` makes one"):
        app.sphere_names(home / "config")
    with pytest.raises(ConfigError, match="rename this file"):
        app.read_config(home)


def test_a_card_names_its_sphere(home):
    assert app.sphere_of(home, "private-17") == "private"
    assert app.sphere_of(home, "private-17", "private") == "private"
    with pytest.raises(UsageError, match="belongs to the sphere private, not professional"):
        app.sphere_of(home, "private-17", "professional")
    for wrong in ("17", "family-1", ""):
        with pytest.raises(UnknownId):
            app.sphere_of(home, wrong)


def test_a_sphere_nobody_knows(home):
    with pytest.raises(UsageError, match="no sphere family here; there are private, professional"):
        app.open_sphere(home, "family", clock.now())
    assert not (home / "data").exists()


def test_the_last_good_configuration_outlives_a_mistake(home):
    with open_private(home) as sphere:
        assert clients(sphere) == ["choir"]
    write(home, "config/private.yaml", "clients: [\n")
    with open_private(home) as sphere:
        assert clients(sphere) == ["choir"]
    with pytest.raises(ConfigError):
        open_private(home, fresh=True)


def test_files_count_when_asked_for(home):
    open_private(home).close()
    write(home, "config/private.yaml", "clients: []\n")
    with open_private(home) as sphere:
        assert clients(sphere) == ["choir"]
    with open_private(home, fresh=True) as sphere:
        assert clients(sphere) == []
    with open_private(home) as sphere:
        assert clients(sphere) == []


def test_a_first_opening_that_fails_leaves_nothing(home):
    write(home, "config/private.yaml", "clients: [\n")
    with pytest.raises(ConfigError):
        open_private(home)
    assert not (home / "data").exists()


def test_a_database_without_a_configuration_is_given_one(home):
    open_private(home).close()
    with open_private(home) as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM settings")
    with open_private(home) as sphere:
        assert clients(sphere) == ["choir"]
        with sphere.store.read() as tx:
            assert houses.load(tx)


def test_somebody_elses_database_is_refused(home):
    open_private(home).close()
    folder = app.data_folder(home, "professional")
    (home / "data" / "private" / "netbot.db").rename(folder / "netbot.db")
    with pytest.raises(StoreError, match="belongs to the sphere private"):
        app.open_sphere(home, "professional", clock.now())


def test_a_configuration_is_written_down_only_when_it_changed(home):
    with open_private(home) as sphere:
        with sphere.store.read() as tx:
            before = tx.exec_driver_sql("SELECT loaded_at FROM settings").scalar_one()
        app.remember(sphere.store, home, sphere.house, clock.now())
        with sphere.store.read() as tx:
            assert tx.exec_driver_sql("SELECT loaded_at FROM settings").scalar_one() == before
        changed = replace(sphere.house, daily_limit=3)
        app.remember(sphere.store, home, changed, clock.now())
        with sphere.store.read() as tx:
            assert tx.exec_driver_sql("SELECT loaded_at FROM settings").scalar_one() != before


def test_the_fingerprint_knows_every_file_and_its_place(home):
    seen = {app.fingerprint(home, "private")}
    write(home, "rules/mine.yaml", "never: []\n")
    seen.add(app.fingerprint(home, "private"))
    (home / "rules" / "private").mkdir()
    (home / "rules" / "mine.yaml").rename(home / "rules" / "private" / "mine.yaml")
    seen.add(app.fingerprint(home, "private"))
    (home / "rules" / "private" / "gone.yaml").symlink_to(home / "nowhere")
    seen.add(app.fingerprint(home, "private"))
    assert len(seen) == 4
    others = app.fingerprint(home, "professional")
    write(home, "rules/private/mine.yaml", "never: [ ]\n")
    assert app.fingerprint(home, "professional") == others


def test_own_rules_are_those_that_count(home):
    assert not app.has_rules(home, "private")
    write(home, "rules/values.example.yaml", "never: []\n")
    assert not app.has_rules(home, "private")
    write(home, "rules/private/mine.yaml", "never: []\n")
    assert app.has_rules(home, "private")
    assert not app.has_rules(home, "professional")


def test_refreshing_takes_all_or_nothing(home):
    with open_private(home) as sphere:
        rules, networks = sphere.rules, dict(sphere.networks)
        assert dict(sphere.networks) == networks
        write(home, "rules/mine.yaml", "nevr: []\n")
        write(home, "config/private.yaml", "clients: []\n")
        with pytest.raises(ConfigError):
            sphere.refresh(clock.now())
        assert (clients(sphere), sphere.rules) == (["choir"], rules)
        write(home, "rules/mine.yaml", "never: [{name: a, when: {phrase: b}, because: c}]\n")
        sphere.refresh(clock.now())
        assert clients(sphere) == []
        assert [rule.name for rule in sphere.rules.rules] == ["a"]
        assert dict(sphere.networks) == networks
        write(home, "config/netbot.yaml", NETBOT + "watch: {allow_hosts: [127.0.0.1]}\n")
        sphere.refresh(clock.now())
        assert not {*sphere.networks.values()} & {*networks.values()}


def test_what_the_engine_is_given(home):
    with open_private(home) as sphere:
        assert sphere.name == "private"
        assert sphere.desk.house is sphere.hall.house is sphere.house
        assert set(sphere.hall.handoffs) == set(sphere.policy)
        assert "web" in sphere.networks


def test_the_example_of_values_is_a_rule_file():
    assert "never:" in app.example_values()
