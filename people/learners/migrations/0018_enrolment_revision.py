from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0017_runs_by_lane_and_outcome"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="revision",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Another number whenever what its grades hang on is another; the database sees to it.",
            ),
        ),
    ]
