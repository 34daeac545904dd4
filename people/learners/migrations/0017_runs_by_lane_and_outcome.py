from django.db import migrations, models

from people.indexing import AddIndexGently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("learners", "0016_lanes"),
    ]

    operations = [
        AddIndexGently(
            model_name="run",
            index=models.Index(fields=["state", "shadow", "lane", "id"], name="runs_by_lane"),
        ),
        AddIndexGently(
            model_name="run",
            index=models.Index(fields=["outcome", "finished_at", "shadow"], name="runs_by_outcome"),
        ),
    ]
