# SPDX-License-Identifier: Apache-2.0

import django.core.serializers.json
import django.db.models.deletion
import dure.city.sealed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('city', '0004_desk_and_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ComplaintNumber',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='해')),
                ('last', models.PositiveIntegerField(default=0, verbose_name='마지막 번호')),
            ],
            options={
                'verbose_name': '민원 번호',
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='코드')),
                ('name', models.JSONField(verbose_name='이름 (ko, en)')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='전화')),
                ('outside', models.BooleanField(default=False, verbose_name='다른 기관')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='없어진 시각')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='city.team', verbose_name='팀')),
            ],
            options={
                'verbose_name': '부서',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='접수 번호')),
                ('pin', models.CharField(max_length=128, verbose_name='비밀번호 (요약값)')),
                ('pin_failures', models.PositiveSmallIntegerField(default=0, verbose_name='틀린 횟수')),
                ('pin_closed_until', models.DateTimeField(blank=True, null=True, verbose_name='이때까지 닫음')),
                ('client_id', models.UUIDField(unique=True, verbose_name='보낸 쪽 번호')),
                ('door', models.CharField(choices=[('phone', '전화'), ('visit', '방문'), ('web', '누리집'), ('email', '전자우편'), ('chat', '채팅'), ('epeople', '국민신문고'), ('open311', '다른 앱')], max_length=8, verbose_name='들어온 곳')),
                ('outside_ref', models.CharField(blank=True, max_length=200, verbose_name='그곳의 번호')),
                ('language', models.CharField(default='ko', max_length=5, verbose_name='말')),
                ('kind', models.CharField(choices=[('law_question', '법령 질의'), ('question', '질의'), ('suggestion', '건의'), ('grievance', '고충'), ('application', '법정 민원'), ('other', '기타')], default='other', max_length=12, verbose_name='종류')),
                ('title', models.CharField(blank=True, max_length=120, verbose_name='제목 (가린 것)')),
                ('text', dure.city.sealed.SealedTextField(verbose_name='글')),
                ('masked', models.TextField(verbose_name='글 (가린 것)')),
                ('vault', dure.city.sealed.SealedTextField(verbose_name='가린 것의 원래 값')),
                ('answers', models.JSONField(blank=True, default=dict, verbose_name='더 물은 것의 답')),
                ('reply_by', models.CharField(blank=True, choices=[('phone', '전화'), ('visit', '방문'), ('web', '누리집'), ('email', '전자우편'), ('chat', '채팅'), ('epeople', '국민신문고'), ('open311', '다른 앱')], max_length=8, verbose_name='답을 보낼 곳')),
                ('reporter', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='알린 이')),
                ('reporter_index', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='알린 이 찾기표')),
                ('address', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='자리의 주소')),
                ('lon', models.FloatField(blank=True, null=True, verbose_name='경도 (°E)')),
                ('lat', models.FloatField(blank=True, null=True, verbose_name='위도 (°N)')),
                ('received_at', models.DateTimeField(db_index=True, verbose_name='접수 시각')),
                ('due_at', models.DateTimeField(verbose_name='법정 기한')),
                ('near_told_at', models.DateTimeField(blank=True, null=True, verbose_name='기한이 가까움을 알린 시각')),
                ('first_answered_at', models.DateTimeField(blank=True, null=True, verbose_name='처음 답한 시각')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='처리 결과를 알린 시각')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='취하 시각')),
                ('objected_at', models.DateTimeField(blank=True, null=True, verbose_name='이의를 말한 시각')),
                ('rating', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='만족 (1~5)')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='판')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='city.area')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='city.case', verbose_name='사건')),
                ('repeats', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated_by', to='complaints.complaint')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='complaints.department')),
            ],
            options={
                'verbose_name': '민원',
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='민원의 판')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('writer', models.CharField(max_length=120, verbose_name='누가 (extractive 또는 모형의 이름)')),
                ('action', models.CharField(max_length=8, verbose_name='무엇 (answer, ask, handoff, none)')),
                ('passages', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='근거')),
                ('sentences', models.JSONField(default=list, verbose_name='문장')),
                ('prompt', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='물은 말')),
                ('output', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='모형의 말')),
                ('problem', models.CharField(blank=True, max_length=200, verbose_name='모형을 쓰지 못한 까닭')),
                ('state', models.CharField(choices=[('offered', '초안'), ('sent', '고쳐서 또는 그대로 보냄'), ('dropped', '쓰지 않음'), ('stale', '그사이 글이 더해짐')], default='offered', max_length=8, verbose_name='상태')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='정한 시각')),
                ('final', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='보낸 글')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '답변 초안',
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('days', models.PositiveSmallIntegerField(verbose_name='늘린 날 (일)')),
                ('reason', models.CharField(max_length=200, verbose_name='까닭')),
                ('agreed', models.BooleanField(default=False, verbose_name='민원인이 동의함')),
                ('due_before', models.DateTimeField(verbose_name='그 전의 기한')),
                ('due_after', models.DateTimeField(verbose_name='그 뒤의 기한')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '기간 연장',
            },
        ),
        migrations.CreateModel(
            name='LiveCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.UUIDField(unique=True, verbose_name='번호')),
                ('caller', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='건 번호')),
                ('caller_index', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='건 번호 찾기표')),
                ('started_at', models.DateTimeField(verbose_name='시작')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='끝')),
                ('lines', dure.city.sealed.SealedTextField(verbose_name='들은 말')),
                ('heard', models.PositiveIntegerField(default=0, verbose_name='들은 줄')),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '통화',
            },
        ),
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('kind', models.CharField(max_length=12, verbose_name='무엇')),
                ('words', dure.city.sealed.SealedTextField(verbose_name='그 말 (JSON)')),
                ('stage', models.CharField(choices=[('seen', '프로그램이 봄'), ('warned', '경고함'), ('ended', '통화를 끝냄'), ('dismissed', '문제없음')], default='seen', max_length=9, verbose_name='단계')),
                ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='정한 시각')),
                ('history', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='지나온 단계')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='concerns', to='complaints.complaint')),
                ('call', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='concerns', to='complaints.livecall')),
            ],
            options={
                'verbose_name': '폭언 등',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('in', '시민이'), ('out', '시가')], max_length=3, verbose_name='누가')),
                ('kind', models.CharField(choices=[('receipt', '접수 알림'), ('added', '덧붙임'), ('question', '보완 요청'), ('interim', '중간 안내'), ('answer', '처리 결과'), ('extension', '기간 연장 알림'), ('transfer', '이송 알림'), ('objection', '이의'), ('withdrawal', '취하')], max_length=10, verbose_name='무엇')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('text', dure.city.sealed.SealedTextField(verbose_name='글')),
                ('automatic', models.BooleanField(default=False, verbose_name='사람이 보기 전에 보냄')),
                ('client_id', models.UUIDField(blank=True, null=True, unique=True, verbose_name='보낸 쪽 번호')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='보낸 시각')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='시도')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='다음 시도')),
                ('failure', models.CharField(blank=True, max_length=200, verbose_name='못 보낸 까닭')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '주고받은 글',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(max_length=400, verbose_name='맡은 부분 (가린 글)')),
                ('asked_at', models.DateTimeField(verbose_name='물은 시각')),
                ('due_at', models.DateTimeField(verbose_name='기한')),
                ('opinion', dure.city.sealed.SealedTextField(blank=True, null=True, verbose_name='의견')),
                ('given_at', models.DateTimeField(blank=True, null=True, verbose_name='답한 시각')),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partners', to='city.case')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.department')),
                ('given_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '함께 처리',
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField(verbose_name='시작')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='늦어도')),
                ('to_at', models.DateTimeField(blank=True, null=True, verbose_name='끝')),
                ('reason', models.CharField(max_length=200, verbose_name='까닭')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '기간에 넣지 않는 때',
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, verbose_name='받은 시각')),
                ('client_id', models.UUIDField(unique=True, verbose_name='보낸 쪽 번호')),
                ('jpeg', dure.city.sealed.SealedTextField(verbose_name='사진 (JPEG, base64)')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pictures', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '민원 사진',
            },
        ),
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=200, unique=True, verbose_name='같은 뜻의 말')),
                ('changed_at', models.DateTimeField(db_index=True, verbose_name='바뀐 시각')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '같은 뜻의 말',
            },
        ),
        migrations.CreateModel(
            name='Talk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.UUIDField(unique=True, verbose_name='번호')),
                ('caller_index', models.CharField(max_length=64, verbose_name='말한 이 찾기표')),
                ('step', models.CharField(choices=[('start', '무엇을 할지'), ('what', '무슨 일인지'), ('where', '어디인지'), ('consent', '동의하는지'), ('follow', '접수 번호와 비밀번호'), ('person', '상담사에게 할 말'), ('with_person', '상담사와 이야기'), ('ended', '끝남')], default='start', max_length=12, verbose_name='단계')),
                ('said', dure.city.sealed.SealedTextField(verbose_name='지금까지 한 말')),
                ('language', models.CharField(default='ko', max_length=5, verbose_name='말')),
                ('turns', models.PositiveIntegerField(default=0, verbose_name='주고받은 수')),
                ('started_at', models.DateTimeField(verbose_name='시작')),
                ('heard_at', models.DateTimeField(verbose_name='마지막 말')),
                ('complaint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='talks', to='complaints.complaint')),
            ],
            options={
                'verbose_name': '채팅',
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='코드')),
                ('name', models.JSONField(verbose_name='이름 (ko, en)')),
                ('text', models.JSONField(verbose_name='글 (ko, en)')),
                ('changed_at', models.DateTimeField(verbose_name='바뀐 시각')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='뺀 시각')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.department')),
            ],
            options={
                'verbose_name': '글 본',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='코드')),
                ('name', models.JSONField(verbose_name='이름 (ko, en)')),
                ('about', models.JSONField(default=dict, verbose_name='설명 (ko, en)')),
                ('group', models.JSONField(default=dict, verbose_name='묶음 (ko, en)')),
                ('keywords', models.JSONField(default=list, verbose_name='찾는 말')),
                ('kind', models.CharField(choices=[('law_question', '법령 질의'), ('question', '질의'), ('suggestion', '건의'), ('grievance', '고충'), ('application', '법정 민원'), ('other', '기타')], default='other', max_length=12, verbose_name='민원의 종류')),
                ('days_due', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='처리 기간 (일)')),
                ('placed', models.BooleanField(default=False, verbose_name='자리가 있음')),
                ('public', models.BooleanField(default=True, verbose_name='로그인 없이 알릴 수 있음')),
                ('metres', models.PositiveSmallIntegerField(default=0, verbose_name='같은 일로 보는 거리 (m)')),
                ('days', models.PositiveSmallIntegerField(default=14, verbose_name='같은 일로 보는 날수')),
                ('fields', models.JSONField(blank=True, default=list, verbose_name='더 묻는 것')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='없어진 시각')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='topics', to='complaints.department', verbose_name='맡은 부서')),
            ],
            options={
                'verbose_name': '민원 갈래',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Text',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=120, unique=True, verbose_name='코드')),
                ('source', models.CharField(choices=[('manual', '업무 안내서'), ('faq', '자주 묻는 질문'), ('ordinance', '조례·법령'), ('answer', '지난 답변')], max_length=9, verbose_name='무엇')),
                ('title', models.CharField(max_length=200, verbose_name='제목')),
                ('text', models.TextField(verbose_name='글')),
                ('link', models.URLField(blank=True, max_length=400, verbose_name='주소')),
                ('language', models.CharField(default='ko', max_length=5, verbose_name='말')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='시행일')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='마지막 날')),
                ('safe', models.BooleanField(default=False, verbose_name='밤에 스스로 답해도 됨')),
                ('changed_at', models.DateTimeField(db_index=True, verbose_name='바뀐 시각')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='뺀 시각')),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='complaints.department')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='complaints.topic')),
            ],
            options={
                'verbose_name': '근거 글',
            },
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('engine', models.CharField(max_length=60, verbose_name='엔진과 판')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('labels', models.JSONField(default=list, verbose_name='후보 부서')),
                ('topics', models.JSONField(default=list, verbose_name='후보 갈래')),
                ('decided', models.BooleanField(verbose_name='스스로 정함')),
                ('urgency', models.PositiveSmallIntegerField(default=1, verbose_name='급한 정도 (1~4)')),
                ('urgent_words', models.JSONField(default=list, verbose_name='급하다고 본 말')),
                ('parts', models.JSONField(default=list, verbose_name='나뉜 것')),
                ('why', models.JSONField(default=dict, verbose_name='까닭')),
                ('chosen_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='고른 시각')),
                ('chosen', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.department')),
                ('chosen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='judgement', to='complaints.complaint')),
                ('chosen_topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.topic')),
            ],
            options={
                'verbose_name': '분류',
            },
        ),
        migrations.AddField(
            model_name='complaint',
            name='topic',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='complaints.topic'),
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='보낸 시각')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='까닭')),
                ('final', models.BooleanField(default=False, verbose_name='돌려보낼 수 없음')),
                ('answer_by', models.DateTimeField(verbose_name='받을지 답할 기한')),
                ('state', models.CharField(choices=[('sent', '보냄'), ('accepted', '받음'), ('refused', '우리 일이 아님')], default='sent', max_length=8, verbose_name='상태')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='답한 시각')),
                ('refusal', models.CharField(blank=True, max_length=200, verbose_name='받지 않은 까닭')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='city.case')),
                ('from_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.department')),
                ('to_department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers_in', to='complaints.department')),
            ],
            options={
                'verbose_name': '이송',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Waiting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller_index', models.CharField(db_index=True, max_length=64, verbose_name='들을 이 찾기표')),
                ('number', models.CharField(max_length=20, verbose_name='접수 번호')),
                ('text', dure.city.sealed.SealedTextField(verbose_name='글')),
                ('at', models.DateTimeField(verbose_name='시각')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='complaints.message')),
            ],
            options={
                'verbose_name': '채팅에서 할 말',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='하는 일')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='duties', to='complaints.department')),
            ],
            options={
                'verbose_name': '업무',
                'constraints': [models.UniqueConstraint(fields=('department', 'text'), name='duty_once')],
            },
        ),
        migrations.AddIndex(
            model_name='livecall',
            index=models.Index(fields=['ended_at', 'started_at'], name='complaints__ended_a_09b47b_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['way', 'sent_at', 'next_at'], name='complaints__way_9ac9b1_idx'),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.UniqueConstraint(fields=('case', 'department'), name='partner_once'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('to_at__isnull', True)), fields=('complaint',), name='one_pause_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(fields=['caller_index', 'started_at'], name='complaints__caller__e38a82_idx'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(fields=['heard_at'], name='complaints__heard_a_766acd_idx'),
        ),
        migrations.AddConstraint(
            model_name='talk',
            constraint=models.UniqueConstraint(condition=models.Q(('step', 'ended'), _negated=True), fields=('caller_index',), name='one_talk_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(fields=['answered_at', 'due_at'], name='complaints__answere_323bf3_idx'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(fields=['topic', 'received_at'], name='complaints__topic_i_0a09fe_idx'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.UniqueConstraint(condition=models.Q(('outside_ref', ''), _negated=True), fields=('door', 'outside_ref'), name='complaint_once_per_door'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['state', 'answer_by'], name='complaints__state_7e48ba_idx'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'sent')), fields=('case',), name='one_transfer_under_way'),
        ),
    ]
