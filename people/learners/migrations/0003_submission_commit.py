from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learners', '0002_gates_and_seats'),
    ]

    operations = [
        migrations.AddField(
            model_name='submission',
            name='commit',
            field=models.CharField(blank=True, default='', help_text="In the enrolment's repository.", max_length=64),
            preserve_default=False,
        ),
    ]
