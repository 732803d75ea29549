from django.db import migrations


def begin_here(apps, schema_editor):
    """What was decided before there were partners to tell, nobody is told."""
    log = apps.get_model("ledger", "Log").objects.filter(position__gt=0).first()
    if log is not None:
        apps.get_model("ledger", "Cursor").objects.get_or_create(follower="webhooks", defaults={"position": log.position})


class Migration(migrations.Migration):
    dependencies = [
        ("propagation", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [migrations.RunPython(begin_here, migrations.RunPython.noop)]
