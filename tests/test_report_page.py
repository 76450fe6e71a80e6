# SPDX-License-Identifier: Apache-2.0
"""The HTML page, as text and in headless Chromium."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edgepar.report import Report, numbers
from tests.report_rows import HOST, full_report, row

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


class Page(HTMLParser):
    """Tags with attributes, and the text, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def count(self, tag: str) -> int:
        return sum(1 for found, _ in self.tags if found == tag)


def test_page_is_self_contained():
    text = full_report().to_html()
    page = Page(text)
    assert page.count("script") == page.count("link") == page.count("img") == page.count("iframe") == 0
    for _, attributes in page.tags:
        assert not {"src", "href", "srcset", "data"} & set(attributes)
    assert re.search(r"url\(|@import", text) is None


def test_page_holds_plots_tables_and_labels():
    page = Page(full_report().to_html(title="A <title>"))
    words = page.words.replace(numbers.THIN_SPACE, " ")
    for wanted in (
        "A <title>", "wine <b>", "Cycles per inference", "Energy per inference", "Memory",
        "Speed-up by number of cores",
        "estimated from power tables, not measured", "estimated, per-core: 10 pJ a core cycle (derived)",
        "rtl: CV32E40P RTL, modelled cluster", "133 000", "1.02 µJ", "digits: 6.40× on 8 cores",
    ):  # fmt: skip
        assert wanted in words
    labels = [
        attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg" and "role" in attributes
    ]
    assert labels == ["Cycles per inference", "Time per inference", "Energy per inference", "Memory"] * 2 + [
        "Speed-up over the number of cores"
    ]
    bars = [attributes for tag, attributes in page.tags if tag == "rect" and "width" in attributes]
    assert all(0 < float(str(bar["width"])) <= 520 for bar in bars)
    estimated = [bar for bar in bars if bar["class"] == "bar estimated"]
    assert len(estimated) == 2 * 2 + 1  # cortex-m4 and pulp-open of two models, and the key


def test_bars_are_in_proportion():
    report = Report(
        (row(cycles_per_inference=1000.0), row(model="digits", target="gap8", cycles_per_inference=4000.0))
    )
    page = Page(report.to_html())
    widths = [float(str(a["width"])) for tag, a in page.tags if tag == "rect" and a["class"] == "bar rtl"][
        1:3
    ]
    assert widths[1] / widths[0] == pytest.approx(4.0, abs=0.01)


def test_page_of_the_host_alone_has_no_empty_plots():
    page = Page(Report((row(HOST),)).to_html())
    assert [a["aria-label"] for tag, a in page.tags if tag == "svg" and "role" in a] == []
    assert "360" in page.words


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((name for name in CHROMIUM if shutil.which(name)), None)
    assert found is not None, "install it with: apt-get install chromium"
    return found


def test_chromium_shows_the_page(browser, tmp_path):
    html, picture = tmp_path / "report.html", tmp_path / "report.png"
    full_report().to_html(html, title="A report")
    command = [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1240,1500"]
    subprocess.run(
        [*command, f"--screenshot={picture}", html.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    width, height, colours = png_facts(picture)
    assert (width, height) == (1240, 1500)
    assert colours > 100, "the page is blank"


def test_chromium_lays_the_page_out(browser, tmp_path):
    html = tmp_path / "report.html"
    probe = """<script>addEventListener("load", () => {
        const boxes = [...document.querySelectorAll("svg[role=img]")].map(s => s.getBoundingClientRect());
        const texts = [...document.querySelectorAll("svg[role=img] text")];
        const cut = texts.filter(t => {
            const a = t.getBoundingClientRect(), b = t.closest("svg").getBoundingClientRect();
            return a.left < b.left - 1 || a.right > b.right + 1 || a.bottom > b.bottom + 1;
        }).map(t => t.textContent);
        const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        const tables = [...document.querySelectorAll(".scroll")].filter(s => s.scrollWidth > s.clientWidth + 1).length;
        document.body.dataset.probe = JSON.stringify({
            plots: boxes.filter(b => b.width > 300 && b.height > 50).length, cut: cut, wide: wide, tables: tables,
            loaded: performance.getEntriesByType("resource").length,
        });
    });</script>"""
    html.write_text(
        full_report().to_html(title="A report").replace("</body>", probe + "</body>"), encoding="utf-8"
    )
    command = [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1240,1500"]
    shown = subprocess.run(
        [*command, "--dump-dom", html.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    body = next(attributes for tag, attributes in Page(shown.stdout).tags if tag == "body")
    assert body["data-probe"] == '{"plots":9,"cut":[],"wide":0,"tables":0,"loaded":0}'
    assert "<title>A report</title>" in shown.stdout


def png_facts(path: Path) -> tuple[int, int, int]:
    """Width, height and number of distinct 4-byte groups in the pixels of a PNG."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    at, pixels = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            pixels += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(pixels)
    return width, height, len({raw[i : i + 4] for i in range(0, len(raw) - 4, 4)})
