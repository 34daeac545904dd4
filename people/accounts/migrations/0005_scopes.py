from django.db import migrations, models


def every_scope() -> list[str]:
    """Tokens made before there were scopes keep what they had."""
    return ["read", "submit", "share", "lead", "hire"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mails")]

    operations = [
        migrations.AddField("accesstoken", "scopes", models.JSONField(default=every_scope), preserve_default=False),
        migrations.AlterField("accesstoken", "scopes", models.JSONField(default=list)),
    ]
