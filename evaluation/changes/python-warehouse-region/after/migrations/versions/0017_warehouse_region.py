"""Warehouses get a region

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("warehouses", sa.Column("region", sa.String(4), nullable=False))
    op.execute("UPDATE warehouses SET region = 'EU'")
    op.create_index("ix_warehouses_region", "warehouses", ["region"])


def downgrade() -> None:
    op.drop_index("ix_warehouses_region", table_name="warehouses")
    op.drop_column("warehouses", "region")
