"""The lines to the bank: its gateway on the internet, and the outreach client beside us."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from payments.acquiring.contract import Acquirer, NotSupportedError, OutcomeUnknownError
from payments.acquiring.registry import Account
from payments.acquiring.setup import Setup
from payments.acquiring.transport import HttpAnswer, HttpCall, Transport
from payments.adapters.ccb.codes import DONE, raise_refusal
from payments.adapters.ccb.documents import fields_of, read_xml, text_of, write_tx
from payments.adapters.ccb.profile import Keys, Profile
from payments.adapters.ccb.setup import SETUP

GATEWAY: Final = "/CCBIS/ccbMain?CCB_IBSVersion=V6"
SCANS: Final = "/CCBIS/B2CMainPlat_00_BEPAY"
_FORM: Final[Mapping[str, str]] = {"Content-Type": "application/x-www-form-urlencoded"}


class CcbLine(Acquirer):
    """Where the adapter's methods start: our shop, its keys and two lines."""

    code: ClassVar[str] = "ccb"
    protocol_version: ClassVar[str] = "CCBIS V6, WLPT 4.0"
    setup: ClassVar[Setup] = SETUP

    def __init__(self, *, account_code: str, profile: Profile, keys: Keys) -> None:
        """Take our shop and its keys."""
        self.account_code = account_code
        self.merchant_id = profile.merchant_id
        self.is_test = profile.is_test
        self._profile = profile
        self._keys = keys
        self._gateway = Transport(adapter=self.code, base_url=profile.base_url)
        self._sidecar: Transport | None = None
        self._files: Transport | None = None
        if profile.sidecar_url:
            self._sidecar = Transport(adapter=self.code, base_url=profile.sidecar_url)
            self._files = Transport(adapter=self.code, base_url=profile.files_url)

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or settings are not usable."""
        return cls(
            account_code=account.code,
            profile=Profile.from_account(account),
            keys=Keys.from_account(account),
        )

    def _place(self) -> dict[str, str]:
        """Name our shop, counter and branch."""
        profile = self._profile
        return {
            "MERCHANTID": profile.merchant_id,
            "POSID": profile.pos_id,
            "BRANCHID": profile.branch_id,
        }

    def _post(self, path: str, fields: Mapping[str, str]) -> HttpAnswer:
        return self._post_raw(path, urlencode(fields))

    def _post_raw(self, path: str, form: str) -> HttpAnswer:
        return _whole(self._gateway.call(HttpCall("POST", path, _FORM, form.encode("ascii"))))

    def _tell(self, tx_code: str, info: Mapping[str, str]) -> tuple[str, str, ET.Element]:
        """Ask through the outreach client; return code, message and the answer itself.

        Raises what the transport raises, and OutcomeUnknownError for an answer to another question.
        """
        if self._sidecar is None:
            raise NotSupportedError(f"account {self.account_code} has no outreach client")
        profile, number = self._profile, f"{secrets.randbelow(10**16):016d}"
        head = {
            "REQUEST_SN": number,
            "CUST_ID": profile.customer_id,
            "USER_ID": profile.user_id,
            "PASSWORD": self._keys.operator_password,
            "TX_CODE": tx_code,
            "LANGUAGE": "CN",
        }
        body = urlencode({"requestXml": write_tx(head, info)}, encoding="gb18030").encode()
        answer = _whole(self._sidecar.call(HttpCall("POST", "/", _FORM, body)))
        tx = read_xml(answer.body)
        said = (text_of(tx, "REQUEST_SN"), text_of(tx, "TX_CODE") or tx_code)
        if tx.tag != "TX" or said != (number, tx_code) or not text_of(tx, "RETURN_CODE"):
            raise OutcomeUnknownError("the outreach client answered another question")
        return text_of(tx, "RETURN_CODE"), text_of(tx, "RETURN_MSG"), tx

    def _flows(self, tx_code: str, info: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the flows (one page) of a question; none where the bank knows none."""
        code, message, tx = self._tell(tx_code, info)
        if code in self._profile.no_record:
            return []
        if code != DONE:
            raise_refusal(code, message)
        found = tx.find("TX_INFO")
        if found is None:
            raise OutcomeUnknownError("the outreach client's answer has no content")
        return [fields_of(flow) for flow in found.findall("LIST")]


def _whole(answer: HttpAnswer) -> HttpAnswer:
    if answer.status != 200 or not answer.body:
        raise OutcomeUnknownError(f"the bank answered {answer.status}")
    return answer


def read_json(answer: HttpAnswer) -> dict[str, Any]:
    """Read an answer of the gateway; OutcomeUnknownError for what is no object."""
    try:
        data = json.loads(answer.body.decode("gb18030" if _is_gbk(answer.body) else "utf-8"))
    except ValueError as error:
        raise OutcomeUnknownError("the bank's answer is not JSON") from error
    if not isinstance(data, dict):
        raise OutcomeUnknownError("the bank's answer is not an object")
    return data


def _is_gbk(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
