from django.db import migrations


def keep_roles(apps, schema_editor):
    """Who worked at the desk worked at that of every brand, and goes on there: officers take away what is too much. Who might do everything
    becomes an officer. A change that waits, waits at the brand that was made first."""
    Brand, Group = apps.get_model('brands', 'Brand'), apps.get_model('auth', 'Group')
    Person, Role = apps.get_model('accounts', 'Person'), apps.get_model('accounts', 'Role')
    brands = list(Brand.objects.order_by('pk'))
    for person in Person.objects.filter(is_staff=True).prefetch_related('groups'):
        groups = list(person.groups.all())
        if person.is_superuser:
            officer, _made = Group.objects.get_or_create(name='officer')
            groups = list({each.pk: each for each in [*groups, officer]}.values())
        Role.objects.bulk_create(Role(person=person, brand=brand, group=group) for brand in brands for group in groups)
    if brands:
        apps.get_model('accounts', 'RoleChange').objects.update(brand=brands[0])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_roles'),
    ]

    operations = [
        migrations.RunPython(keep_roles),
    ]
