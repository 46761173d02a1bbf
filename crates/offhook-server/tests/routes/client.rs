mod authenticate;
mod direct_calls;
mod doctor;
mod push_tokens;
mod session;
mod socket;
mod web_push;
