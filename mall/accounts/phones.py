"""Phone numbers: however she types it, we keep +8613800000001."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from mall.accounts.errors import InvalidPhoneError

_REGION = "CN"


def normalise_phone(text: str) -> str:
    """Return the E.164 form of a mainland mobile number; InvalidPhoneError for anything else.

    Other countries are refused: a text message to a foreign premium number costs real money, and
    asking for thousands of them is a known fraud.
    """
    try:
        number = phonenumbers.parse(text.strip()[:40], _REGION)
    except NumberParseException as error:
        raise InvalidPhoneError from error
    is_mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    if phonenumbers.region_code_for_number(number) != _REGION or not is_mobile:
        raise InvalidPhoneError
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
