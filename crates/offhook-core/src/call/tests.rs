//! Calls, told as transcripts: at which second, who does what, and what comes of it.

mod dial;
mod endings;
mod items;
mod paths;
mod properties;
mod races;
mod settings;
mod story;
mod views;
