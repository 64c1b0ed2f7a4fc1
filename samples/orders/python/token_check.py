import json
import time

import jwt
from kubernetes.client import OpenidApi, WellKnownApi

KEPT_SECONDS = 60


class Refused(Exception):
    """The token is bad, and the message says why."""


class ClusterKeys:
    """The cluster's public keys, by the Kubernetes client, which knows the cluster's CA and has credentials."""

    def __init__(self):
        self.keys = {}
        self.read_at = float("-inf")

    def of(self, token: str):
        if time.monotonic() - self.read_at > KEPT_SECONDS:
            answer = read(OpenidApi().get_service_account_issuer_open_id_keyset)
            self.keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(answer).keys}
            self.read_at = time.monotonic()
        key = self.keys.get(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise Refused("it is signed by a key that the cluster does not have")
        return key


class TokenCheck:
    """
    Whether a request comes from the operator: its token is signed by the cluster, not expired, and made for this Service and for the account
    that the queue names. Signature and audience alone are not enough: every pod can get a token of its own account for any audience.
    """

    def __init__(self, audience: str, subject: str):
        self.audience = audience
        self.subject = subject
        self.issuer = read(WellKnownApi().get_service_account_issuer_open_id_configuration)["issuer"]
        self.keys = ClusterKeys()

    def check(self, authorization: str) -> None:
        """Raises Refused where the token is bad, and another error where the cluster's keys cannot be read."""
        if not authorization.startswith("Bearer "):
            raise Refused("no token")
        token = authorization.removeprefix("Bearer ")
        try:
            jwt.decode(
                token,
                self.keys.of(token),
                algorithms=["RS256", "ES256", "ES384", "ES512"],
                issuer=self.issuer,
                audience=self.audience,
                subject=self.subject,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.InvalidTokenError as bad:
            raise Refused(str(bad)) from bad


def read(get) -> dict:
    """The client takes these answers for text and would print the JSON as Python: so the bytes themselves are read."""
    return json.loads(get(_preload_content=False).data)
