"""Is a signature what receivers everywhere expect?"""

from __future__ import annotations

from base64 import b64encode

import pytest

from notifications.webhook import signature_headers, signing_keys
from tests.helpers.webhook_signature import OTHER, SECRET, verifies


def test_the_known_answer_of_the_field() -> None:
    """The example against which the libraries of Standard Webhooks test themselves."""
    keys = signing_keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature_headers(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_make_two_signatures_and_either_is_enough() -> None:
    headers = signature_headers(signing_keys(f"{SECRET}\n{OTHER}\n"), "dl-1", 1700000000, b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verifies(headers, b"{}", SECRET)
    assert verifies(headers, b"{}", OTHER)
    assert not verifies(headers, b"{}", "whsec_" + "R0hJ" * 8)


@pytest.mark.parametrize(
    "part", [("webhook-id", "dl-2"), ("webhook-timestamp", "1700000001"), ("body", "{} ")], ids=lambda part: part[0]
)
def test_what_is_altered_on_the_way_does_not_verify(part: tuple[str, str]) -> None:
    headers = signature_headers(signing_keys(SECRET), "dl-1", 1700000000, b"{}") | dict([part])
    assert not verifies(headers, headers.pop("body", "{}").encode())


WRONG = {
    "nothing": " ",
    "no beginning": "QUJD" * 8,
    "another beginning": "whsk_" + "QUJD" * 8,
    "no base64": "whsec_" + "Q-JD" * 8,
    "base64 without its end": "whsec_" + "QUJD" * 8 + "Q",
    "23 bytes": "whsec_" + "QUJD" * 7 + "QUI=",
    "65 bytes": "whsec_" + "QUJD" * 21 + "QUI=",
    "letters of another script": "whsec_" + "ЖЖЖЖ" * 8,
    "a good one beside a bad one": f"{SECRET} whsec_short",
}


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="expected whsec_ and 24 to 64 random bytes") as refused:
        signing_keys(secret)
    assert "openssl rand -base64 32" in str(refused.value)
    assert not [word for word in secret.split() if word in str(refused.value)]
    assert refused.value.__context__ is None


@pytest.mark.parametrize("size", [24, 32, 33, 64])
def test_a_key_of_any_permitted_length_is_taken(size: int) -> None:
    (key,) = signing_keys("whsec_" + b64encode(bytes(range(size))).decode())
    assert key == bytes(range(size))
