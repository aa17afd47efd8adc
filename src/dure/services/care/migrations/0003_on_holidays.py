# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0002_family_call'),
    ]

    operations = [
        migrations.AddField(
            model_name='routine',
            name='on_holidays',
            field=models.BooleanField(default=True, verbose_name='공휴일에도'),
        ),
        migrations.AddField(
            model_name='templateitem',
            name='on_holidays',
            field=models.BooleanField(default=True, verbose_name='공휴일에도'),
        ),
        migrations.AlterField(
            model_name='occasion',
            name='excuse',
            field=models.CharField(blank=True, choices=[('trip', '외출 중'), ('hospital', '입원 중'), ('paused', '일과를 쉬는 중'), ('holiday', '공휴일'), ('no_consent', '동의 없음'), ('not_asked', '제때 여쭙지 못함'), ('ended', '일과가 없어짐')], max_length=10, verbose_name='까닭'),
        ),
    ]
