"""What goods are found by, and what people search for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchTerm(models.Model):
    """A scrap of writing a product can be found by: characters, syllables, initials, words."""

    term = models.CharField(_("term"), max_length=24)
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="search_terms",
        verbose_name=_("product"),
    )
    weight = models.PositiveSmallIntegerField(_("weight"))

    class Meta:
        """Looked up by term; written anew for a product as a whole."""

        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        constraints = [
            models.UniqueConstraint(
                fields=["term", "product"], name="mall_catalogue_searchterm_once"
            )
        ]

    def __str__(self) -> str:
        """Show the term."""
        return self.term


class SearchedWord(models.Model):
    """Somebody searched for this and found something, on that day: counted once per searcher.

    The searcher is a keyed hash that changes every day; nobody can be told from it.
    """

    word = models.CharField(_("word"), max_length=20)
    day = models.DateField(_("day"))
    searcher = models.CharField(_("searcher"), max_length=32)

    class Meta:
        """Counted by word over some days."""

        verbose_name = _("searched word")
        verbose_name_plural = _("searched words")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "word", "searcher"], name="mall_catalogue_searchedword_once"
            )
        ]

    def __str__(self) -> str:
        """Show the word."""
        return self.word
