# SPDX-License-Identifier: Apache-2.0

import django.core.serializers.json
import django.db.models.deletion
import dure.city.sealed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0003_family_call'),
        ('waste', '0003_rounds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='찍은 시각')),
                ('received_at', models.DateTimeField(db_index=True, verbose_name='받은 시각')),
                ('client_id', models.UUIDField(unique=True, verbose_name='보낸 쪽 번호')),
                ('picture', dure.city.sealed.SealedTextField(verbose_name='사진 (JPEG, base64)')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to=settings.AUTH_USER_MODEL)),
                ('errand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='city.errand')),
            ],
            options={
                'verbose_name': '수거 사진',
            },
        ),
        migrations.CreateModel(
            name='Press',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deed', models.CharField(choices=[('collected', '비움'), ('could_not', '못 비움'), ('unloaded', '하역함'), ('undone', '되돌림')], max_length=9, verbose_name='무엇')),
                ('at', models.DateTimeField(verbose_name='누른 시각')),
                ('received_at', models.DateTimeField(verbose_name='받은 시각')),
                ('client_id', models.UUIDField(unique=True, verbose_name='보낸 쪽 번호')),
                ('reason', models.CharField(blank=True, choices=[('blocked', '막힌 길'), ('parked', '주차 차량'), ('missing', '수거함 없음'), ('locked', '잠김'), ('danger', '위험'), ('broken', '고장'), ('other', '기타')], max_length=8, verbose_name='까닭')),
                ('note', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='글')),
                ('found', models.FloatField(blank=True, null=True, verbose_name='가 보니 (%)')),
                ('kg', models.PositiveIntegerField(blank=True, null=True, verbose_name='저울 (kg)')),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='그 전')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='presses', to=settings.AUTH_USER_MODEL)),
                ('errand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presses', to='city.errand')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presses', to='waste.turn')),
            ],
            options={
                'verbose_name': '기사의 말',
            },
        ),
    ]
