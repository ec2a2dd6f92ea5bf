"""A passkey in a real browser, with a device that Chromium plays itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from netbot.web.lock import Lock
from tests import told
from tests.browser.chromium import chromium, served, settle

pytestmark = pytest.mark.e2e

PASSWORD = "vier Birnen im Nebel"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_a_passkey_is_added_opens_and_opens_no_more(browser: Browser, tmp_path: Path):
    told.write_home(tmp_path, "en")
    lock = Lock(tmp_path / "data" / "web.db", must=True, now=lambda: told.NOW)
    complaints: list[str] = []
    with served(tmp_path, lambda: told.NOW) as numbers:
        at = numbers.replace("127.0.0.1", "localhost")
        page = browser.new_context(reduced_motion="reduce").new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        plugged = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        name = {"authenticatorId": plugged["authenticatorId"]}
        _set_password(page, f"{at}/set-up/{lock.link()}")

        _log_out(page, at)
        expect(page.get_by_role("button", name="Log in with a passkey")).to_have_count(0)
        page.get_by_label("Password").fill(PASSWORD)
        _press(page, "Log in")

        page.goto(f"{at}/door")
        adding = page.locator("form[data-passkey]")
        adding.get_by_label("Which device").fill("telephone")
        adding.get_by_label("Your password").fill("wrong")
        _press(page, "Add a passkey")
        expect(adding.get_by_role("alert")).to_have_text("That is not the password.")
        adding.get_by_label("Your password").fill(PASSWORD)
        adding.get_by_role("button").click()
        expect(page.get_by_text("telephone")).to_be_visible()
        assert len(device.send("WebAuthn.getCredentials", name)["credentials"]) == 1

        _log_out(page, at)
        _press(page, "Log in with a passkey")
        expect(page.get_by_role("heading", name="Today")).to_be_visible()

        page.goto(f"{at}/door")
        expect(page.get_by_text("last used")).to_be_visible()
        before = page.context.new_page()
        before.goto(f"{at}/login")
        _press(page, "Remove telephone")
        expect(page.get_by_text("telephone")).to_have_count(0)
        assert len(device.send("WebAuthn.getCredentials", name)["credentials"]) == 1
        _press(before, "Log in with a passkey")
        expect(before.locator("form[data-passkey] .problem")).to_contain_text("The password does.")
        before.reload()
        expect(before.get_by_role("button", name="Log in with a passkey")).to_have_count(0)
        page.context.close()
    lock.close()
    assert complaints == []


def _press(page: Page, name: str) -> None:
    settle(page)
    page.get_by_role("button", name=name, exact=True).click()


def _set_password(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    _press(page, "Set the password")
    page.wait_for_url("**/professional")


def _log_out(page: Page, at: str) -> None:
    page.goto(f"{at}/door")
    _press(page, "Log out")
    page.goto(f"{at}/login")
