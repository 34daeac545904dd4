import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learners', '0006_trials'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='curriculum.project'),
        ),
    ]
