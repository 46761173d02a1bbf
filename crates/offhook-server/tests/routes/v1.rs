mod api_token;
pub mod direct_calls;
mod rate_limits;
mod usage;
mod users;
