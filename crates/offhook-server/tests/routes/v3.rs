mod api_token;
mod users;

pub use users::closed;
