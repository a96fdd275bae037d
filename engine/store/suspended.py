"""Whose wait states count? SQL for those of instances that are not suspended (there are few suspended ones, in an index of their own)."""

IS_NOT_SUSPENDED = "process_instance_key NOT IN (SELECT s.key FROM process_instance s WHERE s.suspended_at IS NOT NULL)"
