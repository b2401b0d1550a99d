"""Bins get a label

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("bins", sa.Column("label", sa.String(16), nullable=True))
    op.execute("UPDATE bins SET label = 'B' || id")
    op.alter_column("bins", "label", nullable=False)


def downgrade() -> None:
    op.drop_column("bins", "label")
