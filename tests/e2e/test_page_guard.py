"""Who may talk to the page: itself, on this machine's own name, in small pieces."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.scene import Demo


@pytest.fixture
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    demo.stop()


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({}, b'{"text": "status"}', 202),
        ({"Host": "evil.example"}, b'{"text": "status"}', 403),
        ({"Origin": "http://evil.example"}, b'{"text": "status"}', 403),
        ({"Origin": "http://127.0.0.1:1"}, b'{"text": "status"}', 403),
        ({"Origin": "null"}, b'{"text": "status"}', 403),
        ({"Content-Type": "text/plain"}, b'{"text": "status"}', 415),
        ({}, b"text=status", 400),
        ({}, b'{"text": " "}', 400),
        ({}, b'{"text": "' + b"x" * 9000 + b'"}', 413),
    ],
)
def test_orders_are_taken_from_the_page_alone(demo: Demo, headers: dict[str, str], content: bytes, status: int) -> None:
    sent = {"Origin": demo.url, "Content-Type": "application/json", **headers}
    answer = httpx.post(f"{demo.url}/orders", content=content, headers=sent, trust_env=False)
    assert answer.status_code == status
    assert demo.received.empty() == (status != 202)


@pytest.mark.parametrize("path", ["/", "/page.js", "/events", "/suggest?text=a"])
def test_nothing_is_told_to_another_name(demo: Demo, path: str) -> None:
    refused = httpx.get(demo.url + path, headers={"Host": f"evil.example:{demo.port}"}, trust_env=False)
    assert refused.status_code == 403


def test_the_page_loads_nothing_from_elsewhere(demo: Demo) -> None:
    answer = httpx.get(demo.url, trust_env=False)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert "<script>" not in answer.text
    assert "style=" not in answer.text
    assert "//" not in answer.text.replace("<!doctype", "")
