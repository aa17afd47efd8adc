# SPDX-License-Identifier: Apache-2.0

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('waste', '0005_forecast_said'),
    ]

    operations = [
        migrations.CreateModel(
            name='WeekAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(unique=True, verbose_name='월요일')),
                ('made_at', models.DateTimeField(verbose_name='센 시각')),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='값')),
            ],
            options={
                'verbose_name': '한 주의 수거',
            },
        ),
    ]
