# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0003_family_call'),
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='날')),
                ('name', models.JSONField(verbose_name='이름 (ko, en)')),
                ('off', models.BooleanField(default=True, verbose_name='쉼')),
            ],
            options={
                'verbose_name': '쉬는 날',
                'ordering': ['day'],
            },
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('care_worker', '생활지원사'), ('welfare_officer', '복지 공무원'), ('call_agent', '상담사'), ('desk_lead', '민원실 책임자'), ('officer', '부서 담당자'), ('control_operator', '관제요원'), ('traffic_engineer', '교통 담당'), ('dispatcher', '청소 배차 담당'), ('driver', '청소 기사'), ('trade_officer', '통상·기업 담당'), ('education_officer', '교육 담당'), ('planner', '기획 담당'), ('network_officer', '국제교류 담당'), ('privacy_officer', '개인정보 보호책임자'), ('citizen', '시민'), ('family', '가족'), ('administrator', '시스템 관리자')], max_length=20, verbose_name='역할'),
        ),
    ]
