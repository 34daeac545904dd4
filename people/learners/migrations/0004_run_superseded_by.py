import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learners', '0003_submission_commit'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='superseded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='superseded_runs', to='learners.submission'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'superseded'), ('superseded_by__isnull', False)), models.Q(models.Q(('outcome', 'superseded'), _negated=True), ('superseded_by__isnull', True)), _connector='OR'), name='superseded_by_somebody'),
        ),
    ]
