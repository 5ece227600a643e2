"""Poster pictures of a group: real addresses, so that a chat app can keep and recognise them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET

from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.selectors import GroupPage, ItemCard
from mall.storefront.pages import cached_page
from mall.storefront.posters.content import picture_of, poster_of
from mall.storefront.posters.drawing import Kind

_KEPT_SECONDS = 300


@require_GET
def poster(request: HttpRequest, share_code: str) -> HttpResponse:
    """Return a poster as a JPEG: of the group (default), of one of its goods, or "arrived".

    ``kind`` is group, item (with ``item``) or arrived. The same content is drawn once.
    """
    try:
        page = cached_page(share_code, before=None)
        kind = Kind(request.GET.get("kind", Kind.GROUP))
    except (LeaderGroup.DoesNotExist, ValueError) as error:
        raise Http404 from error
    item = _item(page, request.GET.get("item", "")) if kind is Kind.ITEM else None
    shown = poster_of(page, kind, item=item)
    tag = f'"{shown.version}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return unchanged
    response = HttpResponse(picture_of(shown), content_type="image/jpeg")
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    return response


def _item(page: GroupPage, text: str) -> ItemCard:
    for item in page.items:
        if str(item.item_id) == text:
            return item
    raise Http404
