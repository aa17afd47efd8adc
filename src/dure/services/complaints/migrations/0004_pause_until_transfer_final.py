# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("complaints", "0003_talks"),
    ]

    operations = [
        migrations.AddField(
            model_name="pause",
            name="until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="늦어도"),
        ),
        migrations.AddField(
            model_name="transfer",
            name="final",
            field=models.BooleanField(default=False, verbose_name="돌려보낼 수 없음"),
        ),
    ]
