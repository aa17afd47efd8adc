# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0006_about_and_service"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["closed_at", "due_at"], name="city_case_closed__ae543f_idx"),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                condition=models.Q(("silent_since__isnull", False)), fields=["silent_since"], name="device_silent"
            ),
        ),
    ]
