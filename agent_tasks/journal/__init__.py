"""What has an agent run done so far? The record that is checkpoint, audit trail, cassette and meter at once."""

from agent_tasks.journal.database import DatabaseJournal
from agent_tasks.journal.entries import AgentRun, EntryKind, Journal, JournalEntry, OpenedRun, RunOrigin, RunRef

__all__ = ["AgentRun", "DatabaseJournal", "EntryKind", "Journal", "JournalEntry", "OpenedRun", "RunOrigin", "RunRef"]
