"""Handing papers out: statements as files, and what was sent about them, to their people only."""

from __future__ import annotations

from typing import IO, Final

from django.http import FileResponse, Http404

from groupleader.models import SettlementStatement, StatementPaper
from groupleader.papers.pdf import statement_pdf
from groupleader.papers.workbook import statement_workbook

PAPERS: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PICTURE: Final = "image/jpeg"


def statement_file(statement: SettlementStatement, form: str) -> IO[bytes]:
    """Write a statement as pdf or xlsx; KeyError for another form."""
    return {"pdf": statement_pdf, "xlsx": statement_workbook}[form](statement)


def paper_response(statement: SettlementStatement, name: str) -> FileResponse:
    """Return a paper that was sent about a statement; 404 for another's."""
    paper = StatementPaper.objects.filter(message__statement=statement, name=name).first()
    if paper is None or not paper.file.storage.exists(paper.file.name):
        raise Http404
    is_pdf = name.endswith(".pdf")
    return FileResponse(
        paper.file.open("rb"),
        as_attachment=is_pdf,
        filename=name,
        content_type=PAPERS["pdf"] if is_pdf else _PICTURE,
    )
