//! Routes, in folders like their paths; one file a verb.

mod v3;
