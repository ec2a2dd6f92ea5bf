"""What axe finds wrong with a page as it stands."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

#: axe-core, as the wheel brings it (MPL-2.0).
SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], elementRef: false,
  });
  return found.violations;
}"""


def violations(page: Page) -> list[str]:
    """Each rule of WCAG 2.2 AA that is broken, and where. The script is let in by the tester."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT)
    found: list[Any] = page.evaluate(_RUN, TAGS)
    return [
        f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found
        for node in each["nodes"]
    ]
