mod api_token;
mod api_tokens;
mod users;

pub use users::closed;
