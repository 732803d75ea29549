import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_roles_of_colleagues'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='person',
            name='groups',
        ),
        migrations.RemoveField(
            model_name='person',
            name='user_permissions',
        ),
        migrations.RemoveField(
            model_name='person',
            name='is_staff',
        ),
        migrations.RemoveField(
            model_name='person',
            name='is_superuser',
        ),
        migrations.AlterField(
            model_name='rolechange',
            name='brand',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_changes', to='brands.brand'),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='known_as',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
        migrations.AddConstraint(
            model_name='rolechange',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('person', 'brand'), name='role_change_one_at_a_time'),
        ),
    ]
