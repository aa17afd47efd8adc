# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0002_append_only_and_partitions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='escalationattempt',
            name='channel',
            field=models.CharField(choices=[('ai_call', '자동 전화'), ('family_call', '가족에게 자동 전화'), ('worker_call', '담당자 전화'), ('visit', '방문'), ('handover_119', '119 인계'), ('notify_team', '팀 알림')], max_length=14, verbose_name='방법'),
        ),
        migrations.AlterField(
            model_name='escalationstep',
            name='channel',
            field=models.CharField(choices=[('ai_call', '자동 전화'), ('family_call', '가족에게 자동 전화'), ('worker_call', '담당자 전화'), ('visit', '방문'), ('handover_119', '119 인계'), ('notify_team', '팀 알림')], max_length=14, verbose_name='방법'),
        ),
    ]
