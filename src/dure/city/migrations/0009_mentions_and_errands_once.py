# SPDX-License-Identifier: Apache-2.0
"""Whom an audit entry about many names, in a table of its own; errands that are ordered once however often they are
sent."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def find_mentions(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Those of the entries that are there already; from here on nobody changes or removes one."""
    entry, mention = apps.get_model("city", "AuditEntry"), apps.get_model("city", "AuditMention")
    for seq, detail in entry.objects.order_by("seq").values_list("seq", "detail").iterator():
        mention.objects.bulk_create([mention(ref=ref, seq=seq) for ref in dict.fromkeys(detail.get("refs", ()))], 500)
    if editor.connection.vendor == "postgresql":  # on SQLite dure.city.triggers makes them after every migration
        editor.execute(
            "CREATE TRIGGER city_auditmention_append_only BEFORE UPDATE OR DELETE ON city_auditmention "
            "FOR EACH ROW EXECUTE FUNCTION city_append_only()"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0008_daily_care_consent'),
    ]

    operations = [
        migrations.AddField(
            model_name='errand',
            name='client_id',
            field=models.UUIDField(blank=True, null=True, unique=True, verbose_name='보낸 쪽 번호'),
        ),
        migrations.CreateModel(
            name='AuditMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.UUIDField(verbose_name='공개 번호')),
                ('seq', models.BigIntegerField(verbose_name='차례')),
            ],
            options={
                'verbose_name': '감사 기록에 나온 사람',
                'indexes': [models.Index(fields=['ref', 'seq'], name='city_auditm_ref_c7aa6d_idx')],
            },
        ),
        migrations.RunPython(find_mentions, migrations.RunPython.noop),
    ]
