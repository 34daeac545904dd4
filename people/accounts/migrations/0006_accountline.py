from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_scopes")]

    operations = [
        migrations.CreateModel(
            name="AccountLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.PositiveBigIntegerField(db_index=True, help_text="The number of the account.")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("verb", models.CharField(max_length=60)),
                ("text", models.CharField(blank=True, max_length=200)),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
