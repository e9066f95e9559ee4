"""The tokens that sign requests to Coinbase: JWTs made with the key's private half, checked with the public one."""

import base64
import functools
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_HALF = 32
_LONGEST = 120
_SKEW = 5


class BadToken(Exception):
    """A token that does not let its bearer do what he asks."""


def key_named_in(authorization: str) -> str:
    """The name of the key in an Authorization header. Raises BadToken."""
    header, _, __ = _parts(authorization)
    return str(header.get("kid", ""))


def check_token(authorization: str, private_key: str, call: tuple[str, str], now: float) -> None:
    """Check signature, times and the method and path that it is for. Raises BadToken.

    The host in front of the path is left out: the sandbox answers under any.
    """
    header, claims, (signed, signature) = _parts(authorization)
    if header.get("alg") != "ES256" or len(signature) != 2 * _HALF:
        raise BadToken("algorithm")
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
    try:
        _public_half(private_key).verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise BadToken("signature") from error
    begins, expires = claims.get("nbf"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(expires, int) or expires - begins > _LONGEST:
        raise BadToken("times")
    if not begins - _SKEW <= now <= expires:
        raise BadToken("expired")
    method, path = call
    if claims.get("sub") != header.get("kid") or not _is_for(str(claims.get("uri", "")), method, path):
        raise BadToken("claims")


def _is_for(uri: str, method: str, path: str) -> bool:
    return uri.startswith(f"{method} ") and uri.endswith(path)


def _parts(authorization: str) -> tuple[dict[str, Any], dict[str, Any], tuple[bytes, bytes]]:
    token = authorization.removeprefix("Bearer ")
    pieces = token.split(".")
    if not authorization.startswith("Bearer ") or len(pieces) != 3:
        raise BadToken("form")
    try:
        header, claims = (json.loads(_decoded(piece)) for piece in pieces[:2])
        signature = _decoded(pieces[2])
    except ValueError as error:
        raise BadToken("form") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadToken("form")
    return header, claims, (".".join(pieces[:2]).encode(), signature)


def _decoded(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


@functools.cache
def _public_half(private_key: str) -> ec.EllipticCurvePublicKey:
    key = load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BadToken("key")
    return key.public_key()
