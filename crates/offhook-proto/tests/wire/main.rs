//! The wire as others meet it: its documents, and what strange input does.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod docs;
mod robustness;
mod webhook;
