import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Roles are of one brand. In three steps: PostgreSQL changes no table whose rows the same transaction has changed."""

    dependencies = [
        ('accounts', '0010_role_changes'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('brands', '0006_a_host_for_the_desk'),
    ]

    operations = [
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('brand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='brands.brand')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='role')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'role',
                'verbose_name_plural': 'roles',
            },
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.UniqueConstraint(fields=('person', 'brand', 'group'), name='role_once_a_brand'),
        ),
        migrations.RemoveConstraint(
            model_name='rolechange',
            name='role_change_one_at_a_time',
        ),
        migrations.AddField(
            model_name='rolechange',
            name='brand',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='role_changes', to='brands.brand'),
        ),
    ]
