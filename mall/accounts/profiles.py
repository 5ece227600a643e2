"""What a person has told us: where she collects, how she likes the pages, what she agreed to."""

from __future__ import annotations

from collections.abc import Mapping

from mall.accounts.masking import mask_name
from mall.accounts.models import Consent, Profile, User
from payments.api import now


def profile_of(user: User) -> Profile:
    """Return the profile of a person, made when first needed."""
    Profile.objects.bulk_create([Profile(user=user)], ignore_conflicts=True)
    return Profile.objects.select_related("pickup_point__community").get(user=user)


def existing_profile(user: User) -> Profile | None:
    """Return the profile if there is one already: one query and no write."""
    profiles = Profile.objects.select_related("pickup_point__community")
    return profiles.filter(user=user).first()


def remember_point(*, user: User, pickup_point_id: int) -> None:
    """Keep the chosen pickup point for the next visit, on any device."""
    Profile.objects.update_or_create(user=user, defaults={"pickup_point_id": pickup_point_id})


def set_elder_mode(*, user: User, elder_mode: bool) -> None:
    """Show large text from now on, or no longer."""
    Profile.objects.update_or_create(user=user, defaults={"elder_mode": elder_mode})


def rename(*, user: User, display_name: str) -> None:
    """Change the name others see, masked."""
    user.display_name = display_name.strip()[:40]
    user.save(update_fields=["display_name"])


def chain_name(user: User) -> str:
    """Return the masked name the chain shows; nothing if she prefers not to be named."""
    if Profile.objects.filter(user=user, in_chain=False).exists():
        return ""
    return mask_name(user.display_name or user.get_full_name() or user.username)


def record_consents(*, user: User, versions: Mapping[str, str], ip: str = "") -> None:
    """Write down that a person agreed to these documents in these versions, each once."""
    given_at = now()
    Consent.objects.bulk_create(
        [
            Consent(user=user, document=document, version=version, given_at=given_at, ip=ip or None)
            for document, version in versions.items()
        ],
        ignore_conflicts=True,
    )
