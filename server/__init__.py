"""Composition: settings, the application with its flows and routes, and the worker. Here everything meets."""
