# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0001_record'),
        ('city', '0003_family_call'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='call',
            name='one_call_a_person',
        ),
        migrations.AddField(
            model_name='call',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='city.contact', verbose_name='전화받을 가족'),
        ),
        migrations.AlterField(
            model_name='call',
            name='outcome',
            field=models.CharField(blank=True, choices=[('well', '괜찮다고 하심'), ('done', '하셨다고 함'), ('not_done', '안 하셨다고 함'), ('later', '나중에 하자고 하심'), ('pain', '아프거나 불편하다고 하심'), ('help', '도움을 청하심'), ('told', '가족이 연락해 보기로 함'), ('vouched', '가족이 통화해 보고 잘 계신다고 함'), ('lost', '대답을 알아듣지 못함'), ('cut_off', '말씀 중에 끊어짐')], max_length=10, verbose_name='대화의 끝'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('ringing', 'talking')), models.Q(('script', 'family'), _negated=True)), fields=('person',), name='one_call_a_person'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('ringing', 'talking'))), fields=('contact',), name='one_call_a_contact'),
        ),
    ]
