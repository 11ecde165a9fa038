"""The schema (`tables`) and its versions. `upgrade`, `downgrade` and `check` run Alembic against one database."""

from migrations.commands import check, downgrade, head_revision, upgrade

__all__ = ["check", "downgrade", "head_revision", "upgrade"]
