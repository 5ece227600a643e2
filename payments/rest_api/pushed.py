"""The door for acquirers that bring their statements: a form with a file, looked at and kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from payments.reconciliation.delivering import UnknownAccountError
from payments.reconciliation.pushed import take_pushed_bill

BYTES_MAX: Final = 64 * 1024 * 1024
_TAKEN: Final = b'{"Svc_Rsp_St":"00"}'
_REFUSED: Final = b'{"Svc_Rsp_St":"01"}'
_TEXT_MAX: Final = 4000


@method_decorator(csrf_exempt, name="dispatch")
class PushedBillView(View):
    """A brought statement. The file's own name is never used."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, account_code: str) -> HttpResponse:
        """Examine, keep, answer 00 or 01."""
        declared = request.META.get("CONTENT_LENGTH") or ""
        if not (declared.isascii() and declared.isdigit() and int(declared[:12]) <= BYTES_MAX):
            return _answer(_REFUSED, 413)
        files = [file for name in request.FILES for file in request.FILES.getlist(name)]
        summary = request.POST.get("File_Smry_Inf", "")
        signature = request.POST.get("Sign_Inf", "")
        if len(files) != 1 or max(len(summary), len(signature)) > _TEXT_MAX:
            return _answer(_REFUSED, 400)
        with tempfile.TemporaryDirectory(prefix="pushed-") as place:
            paper = Path(place) / "paper"
            _write(files[0], paper)
            try:
                is_taken = take_pushed_bill(
                    account_code=account_code, paper=paper, summary=summary, signature=signature
                )
            except UnknownAccountError:
                return _answer(_REFUSED, 404)
        return _answer(_TAKEN, 200) if is_taken else _answer(_REFUSED, 400)


def _write(upload: UploadedFile[bytes], paper: Path) -> None:
    with paper.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)


def _answer(body: bytes, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
