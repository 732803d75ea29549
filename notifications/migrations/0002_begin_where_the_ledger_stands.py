from django.db import migrations


def begin_here(apps, schema_editor):
    """What an installation told people before it had messages is not told again."""
    log = apps.get_model("ledger", "Log").objects.filter(position__gt=0).first()
    if log is not None:
        apps.get_model("ledger", "Cursor").objects.get_or_create(follower="notifications", defaults={"position": log.position})


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [migrations.RunPython(begin_here, migrations.RunPython.noop)]
