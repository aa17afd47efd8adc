# SPDX-License-Identifier: Apache-2.0
"""The stamp that tells processes when what they remember of devices is old. Triggers renew it, so that no way of
changing a device (a page, an import, a hand at the SQL prompt) can forget to."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WATCHED = {
    "city_feed": "code, kind",
    "city_device": "code, feed_id, retired_at",
    "city_series": "device_id, name, unit, min_value, max_value",
    "city_devicekey": "feed_id, device_id, digest, revoked_at",
}
RENEW = (
    "INSERT INTO city_registrystamp (id, stamp) VALUES (1, gen_random_uuid()::text) "
    "ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp"
)


def forwards(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return  # dure.city.triggers makes them after every migration
    editor.execute(
        "CREATE FUNCTION city_registry_changed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {RENEW}; RETURN NULL; END $$"
    )
    for table, columns in WATCHED.items():
        editor.execute(
            f"CREATE TRIGGER {table}_registry AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION city_registry_changed()"
        )


class Migration(migrations.Migration):
    dependencies = [("city", "0004_casework")]
    operations = [
        migrations.CreateModel(
            name="RegistryStamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamp", models.CharField(max_length=40, verbose_name="도장")),
            ],
            options={"verbose_name": "등록부 도장"},
        ),
        migrations.AddField(
            model_name="devicekey",
            name="broker_digest",
            field=models.CharField(blank=True, max_length=140, verbose_name="브로커용 요약"),
        ),
        migrations.RunPython(forwards),
    ]
