//! The wire as others meet it: its documents, and what strange input does.

mod docs;
mod robustness;
