"""How is the engine's state kept? SQLAlchemy Core tables on SQLite or PostgreSQL; rows go in and out in bulk."""
