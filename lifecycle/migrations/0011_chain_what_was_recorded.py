"""Chain the entries that are there, in the order in which they were written."""

from django.conf import settings
from django.db import migrations

from lifecycle.chain import Content, digest_of, key_of, links_of

AT_ONCE = 500
SAID = ("at", "actor", "action", "subject", "reason", "evidence", "before", "after")
PLACED = ("sequence", "previous_hash", "hash", "seal")


def chain(apps, schema_editor):
    entries = apps.get_model("lifecycle", "AuditEntry").objects
    heads = apps.get_model("lifecycle", "AuditHead").objects
    key, head = key_of(settings.SECRET_KEY), None
    while rows := list(entries.filter(sequence=None).order_by("id")[:AT_ONCE]):
        digests = [
            (row.pk, digest_of(Content(*(getattr(row, name) for name in SAID)))) for row in rows
        ]
        links, head = links_of(digests, head, key)
        for row, link in zip(rows, links, strict=True):
            row.about_sunset = row.evidence.get("sunset")
            for name, value in zip(PLACED, link, strict=False):
                setattr(row, name, value)
        entries.bulk_update(rows, [*PLACED, "about_sunset"])
    if head is not None:
        heads.create(pk=1, sequence=head.sequence, hash=head.hash, seal=head.seal)


def unchain(apps, schema_editor):
    apps.get_model("lifecycle", "AuditEntry").objects.filter(sequence__isnull=False).update(
        sequence=None, previous_hash="", hash="", seal=""
    )
    apps.get_model("lifecycle", "AuditHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0010_audit_chain")]

    operations = [migrations.RunPython(chain, unchain)]
