mod call_summary;
mod list;
mod push_tokens;
mod sessions;
