//! Shared by agent and collector.
