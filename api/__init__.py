"""Serves Gatewise: HTTP, pages and the command line. The only room that composes the others."""

__version__ = "0.1.0"
