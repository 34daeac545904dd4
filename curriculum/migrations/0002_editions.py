from typing import Any

from django.db import migrations, models


def number_editions(apps: Any, schema_editor: Any) -> None:
    """In the order in which they came."""
    Project = apps.get_model("curriculum", "Project")
    counted: dict[str, int] = {}
    for project in Project.objects.order_by("pk"):
        counted[project.slug] = counted.get(project.slug, 0) + 1
        Project.objects.filter(pk=project.pk).update(number=counted[project.slug])


class Migration(migrations.Migration):

    dependencies = [
        ('curriculum', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='project',
            name='number',
            field=models.PositiveIntegerField(default=1, help_text='Counts the editions of a project, from 1.'),
        ),
        migrations.RunPython(number_editions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.UniqueConstraint(fields=('slug', 'number'), name='one_number_per_edition'),
        ),
    ]
