from django.db import migrations, models

# Tokens made before there were scopes keep what they had, and so do those that the edition before still makes.
EVERY = ["read", "submit", "share", "lead", "hire"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mails")]

    operations = [
        migrations.AddField("accesstoken", "scopes", models.JSONField(default=list, db_default=EVERY)),
    ]
