//! Calls, told as transcripts: at which second, who does what, and what comes of it.

mod dial;
mod endings;
mod paths;
mod properties;
mod races;
mod story;
mod views;
