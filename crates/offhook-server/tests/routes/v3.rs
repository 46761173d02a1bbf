mod api_token;
mod users;
