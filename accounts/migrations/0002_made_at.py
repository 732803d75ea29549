# allauth's tables point at our Person, so what points at them comes after.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("brands", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.CreateModel(
            name="MadeAt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "authenticator",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="made_at", to="mfa.authenticator"),
                ),
                ("brand", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="authenticators", to="brands.brand")),
            ],
        ),
    ]
